"""Where items can still come to."""

from __future__ import annotations

from oms.process.model import Process


def can_reach(process: Process, state: str, event: str) -> bool:
    """Whether an item in this state has the event, or can come to a state that has it, by whatever arrows."""
    seen, todo = {state}, [state]
    while todo:
        ways = process.ways_out[todo.pop()]
        if event in ways:
            return True
        for arrows in ways.values():
            for target in {arrow.target for arrow in arrows} - seen:
                seen.add(target)
                todo.append(target)
    return False

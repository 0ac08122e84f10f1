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


def runs_by_itself(process: Process, state: str, job: str) -> bool:
    """Whether an item in this state can come to one that runs the job without anybody's doing: by arrows without event, and `auto` ones."""
    seen, todo = {state}, [state]
    while todo:
        here = todo.pop()
        for event, arrows in process.ways_out[here].items():
            if event is not None and not process.events[event].auto:
                continue
            for target in {arrow.target for arrow in arrows} - seen:
                run = process.states[target].run
                if run is not None and run.name == job:
                    return True
                seen.add(target)
                todo.append(target)
    return False

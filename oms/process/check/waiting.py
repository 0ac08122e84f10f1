"""Rules 042 and 051: states in which items wait."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from oms.process.check.draft import Draft
from oms.process.findings import Finding, found


def unseen(draft: Draft) -> Iterator[Finding]:
    """Rule 042: who waits for something that may never come must be seen some day."""
    for name, entry in draft.states.items():
        state = entry.value
        if state.final or state.run or state.expect_within or not draft.ways_out[name]:
            continue
        if not _is_moved(draft, name):
            sentence = f'Items may wait in "{name}" for ever: it has no timer, no button and no expect_within.'
            yield found("OMS042", entry.place, sentence, hint="add expect_within: 3d, so that it is told when it takes longer")


def _is_moved(draft: Draft, state: str) -> bool:
    """Whether a button, a timer or the engine moves items on for certain."""
    for name, arrows in draft.ways_out[state].items():
        event = draft.events[name].value if name else None
        if event and (event.manual or event.timer):
            return True
        if any(draft.is_driven(arrow) and not arrow.value.conditions for arrow in arrows):
            return True
    return False


def together(draft: Draft) -> Iterator[Finding]:
    """Rule 051: two timers of one state that are due at the same time."""
    for state, ways in draft.ways_out.items():
        timed = [(name, event.timer) for name, entry in draft.events.items() if name in ways and (event := entry.value).timer]
        for (first, timer), (second, other) in combinations(timed, 2):
            if timer == other:
                sentence = f'The timers "{first}" and "{second}" of "{state}" are due at the same time: "{first}" goes first.'
                yield found("OMS051", ways[second][0].place, sentence, hint="let one wait longer")

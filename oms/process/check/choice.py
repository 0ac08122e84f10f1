"""Rules 030 to 032: which of several arrows is taken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise

from oms.process.check.draft import Arrow, Draft
from oms.process.findings import Finding, found


def never_taken(draft: Draft) -> Iterator[Finding]:
    """Rule 030: an arrow that stands behind one which is open whenever it is."""
    for ways in draft.ways_out.values():
        for arrows in ways.values():
            yield from _behind(arrows)


def _behind(arrows: Sequence[Arrow]) -> Iterator[Finding]:
    asked = [_asked(arrow) for arrow in arrows]
    elses = [arrow for arrow in arrows if not arrow.value.conditions]
    for number, arrow in enumerate(arrows):
        before = next((arrows[other] for other in range(number) if asked[other] <= asked[number]), None)
        after_else = next((other for other in elses if _stands_before(other, arrow)), None)
        way = f'"{arrow.value.source}"' + (f' on "{arrow.value.event}"' if arrow.value.event else " without event")
        if before and arrow.value.conditions:
            sentence = f"This arrow from {way} can never be taken: the one in {before.place} has the same condition."
            yield found("OMS030", arrow.place, sentence, hint="delete one, or let them ask different things")
        elif before:
            sentence = f"Two arrows from {way} have no condition: the one in {before.place} is always taken."
            yield found("OMS030", arrow.place, sentence, hint='give one an "if", or delete one')
        elif after_else:
            sentence = f"This arrow from {way} stands behind the one in {after_else.place}, which has no condition."
            yield found("OMS030", arrow.place, sentence, hint="the arrow without condition comes last")


def _asked(arrow: Arrow) -> set[str]:
    """Its conditions as text: `1` and `true` are equal in Python, but not in a process."""
    return {f"{call.name} {json.dumps(call.arguments, sort_keys=True)}" for call in arrow.value.conditions}


def _stands_before(first: Arrow, second: Arrow) -> bool:
    """Whether it does so in the same file; an else of the host comes after the conditions of the parts anyway (rule 23)."""
    return first.place.source == second.place.source and (first.place.line, first.place.column) < (second.place.line, second.place.column)


def several_autos(draft: Draft) -> Iterator[Finding]:
    """Rule 031."""
    for state, ways in draft.ways_out.items():
        autos = [name for name in ways if name and draft.events[name].value.auto]
        for first, second in pairwise(autos):
            sentence = f'"{state}" has the auto events "{first}" and "{second}": an item can take one only.'
            yield found("OMS031", ways[second][0].place, sentence, hint="make one event of them, with conditions")


def without_else(draft: Draft) -> Iterator[Finding]:
    """Rule 032; what is polled (`every`) is meant to wait for its condition."""
    for state, ways in draft.ways_out.items():
        for name, arrows in ways.items():
            event = draft.events[name].value if name else None
            timed = event and event.timer and not event.timer.every
            if event and (event.auto or timed) and all(arrow.value.conditions for arrow in arrows):
                what = "auto event" if event.auto else "timer"
                sentence = f'All arrows of the {what} "{event.name}" out of "{state}" have a condition: if none holds, the item stays.'
                yield found("OMS032", arrows[-1].place, sentence, hint="add an arrow without condition, or use every: 1h")

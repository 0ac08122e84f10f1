"""Rules 020 to 025: where items can come to, whether they can come to an end, and whether they stay reserved on their way."""

from __future__ import annotations

from collections.abc import Iterator

from oms.process.check.draft import Arrow, Draft
from oms.process.findings import Finding, found
from oms.process.model import RESERVED


def unreachable(draft: Draft) -> Iterator[Finding]:
    """Rule 020."""
    reached = _reached(draft, draft.initial)
    for name, entry in draft.states.items():
        if name not in reached:
            yield found("OMS020", entry.place, f'No way leads from "{draft.initial}" to "{name}".', hint="add an arrow to it, or delete it")


def dead_ends(draft: Draft) -> Iterator[Finding]:
    """Rule 021; a state with a job is the matter of rule 034."""
    for name, entry in draft.states.items():
        if not entry.value.final and not entry.value.run and _is_dead_end(draft, name):
            yield found("OMS021", entry.place, f'No way leads out of "{name}", and it is not final.', hint="add an arrow, or final: true")


def endings(draft: Draft) -> Iterator[Finding]:
    """Rule 022: circles without an end. What leads to a dead end is not told again."""
    reached = {name: _reached(draft, name) for name in draft.states}
    ends = {name for name, entry in draft.states.items() if entry.value.final or _is_dead_end(draft, name)}
    told: set[str] = set()
    for name, entry in draft.states.items():
        circle = [other for other in draft.states if other in reached[name]]
        is_last = not ends & reached[name] and all(name in reached[other] for other in circle)
        if is_last and name not in told:
            told.update(circle)
            names = ", ".join(f'"{each}"' for each in circle)
            yield found("OMS022", entry.place, f"From {names} no final state can be reached.", hint="add an arrow to a state with final: true")


def left_endings(draft: Draft) -> Iterator[Finding]:
    """Rule 023: only an outside event may reopen what is final."""
    for name, entry in draft.states.items():
        for arrows in draft.ways_out[name].values() if entry.value.final else ():
            why = _why_not_outside(draft, arrows[0])
            if why:
                sentence = f'"{name}" is final, but {why} leads out of it.'
                yield found("OMS023", arrows[0].place, sentence, hint="only an event from outside may reopen it; or delete final: true")


def unused_events(draft: Draft) -> Iterator[Finding]:
    """Rule 024 for events; states are the matter of rule 020, parts of the folder."""
    used = {arrow.value.event for arrow in draft.arrows}
    for name, entry in draft.events.items():
        if name not in used:
            yield found("OMS024", entry.place, f'No arrow has the event "{name}".', hint="add a transition with it, or delete it")


def gaps(draft: Draft) -> Iterator[Finding]:
    """Rule 025: between two states that reserve an item somebody else could buy it."""
    reserved = [name for name, entry in draft.states.items() if RESERVED in entry.value.flags]
    for name, entry in draft.states.items():
        before = next((source for source in reserved if name in draft.targets(source)), None)
        after = next((target for target in draft.targets(name) if target in reserved), None)
        if before and after and name not in reserved and not entry.value.final:
            sentence = f'Items in "{name}" are not reserved, between "{before}" and "{after}" where they are.'
            yield found("OMS025", entry.place, sentence, hint="add flags: [reserved]")


def _reached(draft: Draft, start: str) -> set[str]:
    reached, open_ = {start}, [start]
    while open_:
        for target in draft.targets(open_.pop()):
            if target not in reached:
                reached.add(target)
                open_.append(target)
    return reached


def _is_dead_end(draft: Draft, state: str) -> bool:
    return set(draft.targets(state)) <= {state}


def _why_not_outside(draft: Draft, arrow: Arrow) -> str | None:
    if arrow.value.event is None:
        return "an arrow without event"
    event = draft.events[arrow.value.event].value
    kinds = {"the auto event": event.auto, "the timer": event.timer is not None, "the button": event.manual}
    return next((f'{kind} "{event.name}"' for kind, holds in kinds.items() if holds), None)

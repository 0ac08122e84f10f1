"""Rules 034 and 035: what follows when a job has ended."""

from __future__ import annotations

from collections.abc import Iterator

from oms.process.check.draft import Arrow, Draft
from oms.process.findings import Finding, found

_ISSUES = "issue_invoice"


def ends_of_jobs(draft: Draft) -> Iterator[Finding]:
    """Rule 034: the end of a job must lead somewhere."""
    for name, entry in draft.states.items():
        state, ways = entry.value, draft.ways_out[name]
        for key, event in (("then", state.then), ("on_error", state.on_error)):
            if event and event not in ways:
                sentence = f'"{key}" names "{event}", but no arrow with this event leads out of "{name}".'
                yield found("OMS034", entry.at(key), sentence, hint=f"add {{from: {name}, event: {event}, to: …}}")
        if state.run and not state.then and not state.final and not ways.keys() - {state.on_error}:
            sentence = f'When "{state.run.name}" is done, nothing leads out of "{name}".'
            yield found("OMS034", entry.at("run"), sentence, hint='say with "then" which event follows')


def invoices_after_failure(draft: Draft) -> Iterator[Finding]:
    """Rule 035: after a failed job the engine must not go on by itself to where invoices are issued (rule 2)."""
    for name, entry in draft.states.items():
        state = entry.value
        way = _way_to_invoice(draft, draft.ways_out[name].get(state.on_error, ())) if state.on_error else None
        if way:
            sentence = f"A failed job leads to {_ISSUES} by itself: {' → '.join((name, *way))}."
            yield found("OMS035", entry.at("on_error"), sentence, hint="lead it to a state where a person decides")


def _way_to_invoice(draft: Draft, start: tuple[Arrow, ...]) -> tuple[str, ...] | None:
    """The states from those arrows on to the first that issues an invoice, if the engine goes there by itself."""
    seen: set[str] = set()
    open_: list[tuple[Arrow, tuple[str, ...]]] = [(arrow, (arrow.value.target,)) for arrow in start]
    while open_:
        arrow, way = open_.pop(0)
        if _issues_invoice(draft, arrow):
            return way
        target = arrow.value.target
        if target not in seen:
            seen.add(target)
            driven = [each for arrows in draft.ways_out[target].values() for each in arrows if draft.is_driven(each)]
            open_ += [(each, (*way, each.value.target)) for each in driven]
    return None


def _issues_invoice(draft: Draft, arrow: Arrow) -> bool:
    transition = arrow.value
    event = draft.events[transition.event].value if transition.event else None
    entered = draft.states[transition.target].value.on_enter if transition.target != transition.source else ()
    calls = (*transition.command, *entered, *((*event.command, *event.prepare) if event else ()))
    return any(call.name == _ISSUES for call in calls)

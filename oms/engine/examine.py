"""Is what a trigger asks for possible at all? Nothing is changed here."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from oms.engine.processes import Loaded
from oms.engine.request import Part, Result
from oms.errors import Busy, Changed, Elsewhere, InvalidInput, NotAllowed, NotFound, NotPossible, Problem
from oms.orders.wording import clean_text
from oms.outbox import Job
from oms.ports.records import Item
from oms.process.model import Event, Field, Process

if TYPE_CHECKING:
    from oms.engine.run import Run

_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)
_MONEY = re.compile(r"\d{1,12}(\.\d{1,3})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LONGEST_REASON = 1000

CUSTOMER = "customer"
"""The role of the shop's customers, who come by the shop's page only."""
CANCELLABLE = "cancellable"
"""The flag of states from which a customer may still go back."""


def possible(process: Process, state: str) -> list[str]:
    """The events that somebody outside may let happen in a state, in file order."""
    return [name for name in process.events if name in process.ways_out[state] and _outside(process, process.events[name])]


def customer_events(process: Process, items: Collection[Item]) -> list[str]:
    """What the shop's customer may let happen: events that the process gives to the role `customer`, while every item may still be cancelled."""
    if not all(CANCELLABLE in process.states[item.state].flags for item in items):
        return []
    here = {name for item in items for name in possible(process, item.state)}
    return [name for name, event in process.events.items() if CUSTOMER in event.roles and name in here]


def examine(
    loaded: Loaded,
    event: str,
    *,
    items: Collection[Item] = (),
    payload: Mapping[str, object],
    reason: str | None,
    roles: Collection[str] | None = None,
    is_due: bool = False,
) -> Event:
    """The event, if somebody outside may let it happen with this payload and reason.

    `is_due`: a timer of it waits, and who may run timers now lets it happen early, whether or not people may let it happen otherwise.

    Raises:
        InvalidInput: there is no such event, or fields or the reason are missing or wrong.
        NotPossible: the event comes by itself only.
        NotAllowed: the process gives it to nobody by hand, to people of other roles, or not to the customer any more.
            `roles` None: no person, or one who stands at the machine itself. Of customers `items` matter, too: all of the order.
    """
    process = loaded.process
    if event not in process.events:
        near = difflib.get_close_matches(event, process.events, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(process.events)}."
        raise InvalidInput([Problem("event", f'The process {process.name} has no event "{event[:80]}"; {hint}')])
    found = process.events[event]
    if not _outside(process, found):
        raise NotPossible(event, states=["any state"], possible=["nothing from outside: it happens by itself, or a job lets it happen"])
    _require_role(process, found, roles, items, is_due=is_due)
    problems = list(filter(None, (_field_problem(wanted, payload.get(wanted.name)) for wanted in found.fields)))
    if found.reason and not (reason or "").strip():
        problems.append(Problem("reason", f'"{event}" wants a reason: say why in a few words.'))
    if reason and reason.strip() and (wrong := _no_text(reason, lines=True)):
        problems.append(Problem("reason", wrong))
    if problems:
        raise InvalidInput(problems)
    return found


def _require_role(process: Process, event: Event, roles: Collection[str] | None, items: Collection[Item], *, is_due: bool) -> None:
    """Asked under the order's lock: nothing moves between this and the event."""
    if roles is None:
        return
    if CUSTOMER in roles:
        if event.name not in (may := customer_events(process, items)):
            raise NotAllowed(f'A customer can\'t let "{event.name}" happen to this order now. Possible: {", ".join(may) or "nothing"}.')
    elif not (event.manual or is_due):
        raise NotAllowed(f'"{event.name}" is for systems: the process does not call it manual, so people have no button for it.')
    if event.roles and not set(roles) & set(event.roles):
        raise NotAllowed(f'"{event.name}" is for {" or ".join(event.roles)}: you are {" and ".join(sorted(roles)) or "none of them"}.')


def reached(process: Process, items: Mapping[int, Item], event: str, named: Sequence[tuple[str, int | None]] | None) -> tuple[list[Part], list[Item]]:
    """The parts of an order that an event reaches, and the named items that it doesn't.

    Raises:
        NotFound: there is no such item.
        InvalidInput: more units than the item has, or none, an item is named twice, or the list of items is empty.
        NotPossible: no named item has the event in its state.
    """
    if named is not None and not named:
        raise InvalidInput([Problem("items", "is an empty list: name items, or leave it out for all of them.")])
    names = _names(items.values())
    wanted = [Part(item) for item in items.values()] if named is None else [_named(names, *each, place=place) for place, each in enumerate(named)]
    first: dict[str, int] = {}
    twice = [(place, part.item.label) for place, part in enumerate(wanted) if first.setdefault(part.item.label, place) != place]
    if twice:
        raise InvalidInput([Problem(f"items/{place}", f"item {label} is named twice: name each item once.") for place, label in twice])
    parts = [part for part in wanted if event in process.ways_out[part.item.state]]
    others = [part.item for part in wanted if event not in process.ways_out[part.item.state]]
    if not parts:
        states = list(dict.fromkeys(item.state for item in others))
        raise NotPossible(event, states=states, possible=list(dict.fromkeys(name for state in states for name in possible(process, state))))
    return parts, others


def require_state(process: Process, parts: Sequence[Part], state: str | None) -> None:
    """The items stand where the caller saw them.

    Raises:
        Elsewhere: they don't.
    """
    elsewhere = sorted({part.item.state for part in parts if state is not None and part.item.state != state})
    if elsewhere:
        raise Elsewhere(str(state), states=elsewhere, possible=list(dict.fromkeys(name for each in elsewhere for name in possible(process, each))))


def refuse_busy(parts: Sequence[Part], jobs: Sequence[Job]) -> None:
    """What an open job will bring concerns the whole item: it isn't split before (rule 18).

    Raises:
        Busy: such a job is open.
    """
    for item in (part.item for part in parts if part.splits):
        if any((item.id, item.moves) in job.items for job in jobs):
            raise Busy(f'Item {item.label} can\'t be split now: the job of "{item.state}" is open. Wait for it, then try again.')


def _outside(process: Process, event: Event) -> bool:
    """Nothing said: systems. `manual`: people. A timer: *run now*. What only `auto` or a job lets happen comes from nobody else (rule 24)."""
    only_inside = event.auto or any(event.name in (state.then, state.on_error) for state in process.states.values())
    return event.manual or not only_inside


def _names(items: Iterable[Item]) -> dict[str, Item]:
    """How items may be called. A label wins over a `ref`, and of the parts of a split item the rest keeps its `ref`."""
    known = list(items)
    return {item.ref: item for item in reversed(known) if item.ref} | {item.label: item for item in known}


def _named(names: Mapping[str, Item], label: str, quantity: int | None, *, place: int) -> Part:
    item = names.get(label)
    if item is None:
        labels = [name for name, item in names.items() if name == item.label]
        raise NotFound(f'The order has no item "{label[:80]}". It has: {", ".join(labels)}.')
    if quantity is not None and not 1 <= quantity <= item.quantity:
        said = f"item {item.label}: {quantity} of {item.quantity} units can't be taken: 1 to {item.quantity}."
        raise InvalidInput([Problem(f"items/{place}/quantity", said)])
    return Part(item, quantity)


def _field_problem(field: Field, value: object) -> Problem | None:
    where = f"payload/{field.name}"
    if value is None or value == "":
        return Problem(where, "is missing: this event wants it.") if field.required else None
    if not isinstance(value, str):
        return Problem(where, f'must be text, as in "{field.name}": "…".')
    wrong = _WRONG[field.type](value, field)
    return Problem(where, wrong) if wrong else None


def _no_text(value: str, *, lines: bool = False) -> str | None:
    """References and tracking numbers are printed, mailed and sent on."""
    if len(value) > _LONGEST_REASON:
        return f"has {len(value)} characters, at most {_LONGEST_REASON}."
    try:
        clean_text(value, limit=_LONGEST_REASON, lines=lines)
    except ValueError as error:
        return str(error)
    return None


def _no_date(value: str, _field: Field) -> str | None:
    try:
        date.fromisoformat(value if _DAY.fullmatch(value) else "")
    except ValueError:
        return "is no date; write it as 2026-11-24."
    return None


_WRONG: Mapping[str, Callable[[str, Field], str | None]] = {
    "text": lambda value, _: _no_text(value),
    "number": lambda value, _: None if _NUMBER.fullmatch(value) else "is no number; write it as 12 or 12.5.",
    "money": lambda value, _: None if _MONEY.fullmatch(value) else "is no amount; write it as 12.50.",
    "date": _no_date,
    "choice": lambda value, field: None if value in field.choices else f"must be one of: {', '.join(field.choices)}.",
}


def require_as_seen(run: Run, seen: str | None) -> None:
    """Raises Changed if something happened to the order since somebody saw that trigger as its last one."""
    if seen is not None and seen != str(run.work.triggers.last(run.head.id)):
        raise Changed(f"The order {run.head.reference} has changed since you saw it. Look again, then decide.")


def not_applicable(process: Process, item: Item, event: str) -> Result:
    """What is said of an item that doesn't have the event."""
    why = NotPossible(event, states=[item.state], possible=possible(process, item.state))
    return Result(item.label, "not applicable", item.state, why=str(why))

"""Taking over open orders from another system, in the middle of a process: nothing of what entering a state means happens again.

A record is an order document whose items, or the order for all of them, say besides where they stand: `state`, and since when: `entered_at`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from oms.engine.asking import require_words
from oms.engine.failing import failure_of
from oms.engine.hop import timer_due_at
from oms.engine.place import add_order, book_gifts, placed_before, read_order
from oms.engine.request import IMPORT, Answer, Request, Result
from oms.engine.run import Run
from oms.engine.trigger import Engine, finish
from oms.errors import CommandFailed, InvalidOrder, Problem
from oms.orders import Order
from oms.orders.wording import shown
from oms.ports.drafts import NewHistory, NewItem, NewTimer
from oms.ports.records import Item
from oms.process.model import Process

KEYS = ("state", "entered_at")
"""What a record says that is no part of an order document."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Where an item stands, and since when."""

    state: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """An order that is taken over."""

    order: Order
    document: object  #: without what is no part of it
    stays: tuple[Stay, ...]  #: one for each line


def read_record(
    engine: Engine, record: object, *, states: Mapping[str, str], process_of: Mapping[str, str], default_process: str, now: datetime
) -> Record:
    """Examine a record; nothing is stored.

    Args:
        engine: Where it is to be stored.
        record: As JSON gives it.
        states: The other system's names to ours; a name that isn't there is ours already.
        process_of: Payment method to the name of a process.
        default_process: For any other payment method.
        now: No item can have entered its state later.

    Raises:
        InvalidOrder: with all problems, each with its JSON pointer.
    """
    document, said = _split(record)
    order = read_order(engine, document, process_of=process_of, default_process=default_process)
    process = _process_of(engine, order)
    problems: list[Problem] = []
    stays = [_stay(place, each, process=process, states=states, now=now, problems=problems) for place, each in enumerate(said)]
    if problems:
        raise InvalidOrder(problems)
    return Record(order, document, tuple(stay for stay in stays if stay is not None))


def import_order(engine: Engine, record: Record, *, actor: str) -> Answer:
    """Store an order whose items stand in the middle of its process. Taken over again with the same content, it answers the same.

    Raises:
        Conflict: the reference is taken by an order with other content.
        CommandFailed: a timer's time can't be computed.
    """
    require_words(actor=actor)
    answer = engine.transact(lambda: _store(engine, record, actor))
    engine.wake()
    return answer


def _store(engine: Engine, record: Record, actor: str) -> Answer:
    with engine.store.writing() as work:
        order = record.order
        placed = work.orders.find(order.reference, store=order.store)
        head = add_order(work, order) if placed is None else None
        if head is None:
            return placed_before(work, order, record.document)
        run = engine.begin(work, head, Request(event=IMPORT, key=IMPORT, actor=actor))
        items = _add_items(run, record)
        book_gifts(run, order)
        try:
            _arm(run, items)
        except Exception as error:  # a due function of a shop may raise anything
            if run.work.lost(error):
                raise
            raise CommandFailed(f'The order "{order.reference}" can\'t be taken over, for a timer fails: {failure_of(error).sentence}') from error
        return finish(run)


def _add_items(run: Run, record: Record) -> list[Item]:
    """One history row for each state that is entered."""
    process = run.loaded.process
    run.work.items.add([_item(run, process, number, record) for number in range(1, len(record.stays) + 1)])
    items = run.work.items.of(run.head.id)
    of_state: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        of_state[item.state].append(item)
    for state, group in of_state.items():
        run.hops += 1
        run.work.items.count(group)
        rows = tuple((item.id, 1) for item in group)
        run.work.history.add(NewHistory(run.record(), run.hops, run.head.id, IMPORT, None, state, run.now, rows))
    run.items = {item.id: item for item in run.work.items.of(run.head.id)}
    run.results = {item.id: Result(item.label, "moved", item.state) for item in run.items.values()}
    return list(run.items.values())


def _item(run: Run, process: Process, number: int, record: Record) -> NewItem:
    line, stay = record.order.lines[number - 1], record.stays[number - 1]
    looked_at = run.now if stay.state in process.looked_at else None
    final = process.states[stay.state].final
    return NewItem(run.head.id, number, abs(line.quantity), stay.state, final, stay.entered_at, looked_at, line.ref)


def _arm(run: Run, items: Sequence[Item]) -> None:
    """Timers are counted from when the item entered its state, wherever that was; one that is past fires at the next tick."""
    rows = [
        NewTimer(run.head.id, item.id, item.moves, event.name, timer_due_at(run, event.timer, item, now=item.entered_at))
        for item in items
        for event in run.loaded.process.timers[item.state]
        if event.timer is not None
    ]
    if rows:
        run.work.timers.add(rows)


def _split(record: object) -> tuple[object, list[Mapping[str, object]]]:
    """The order document, and what was said of each item's stay."""
    if not isinstance(record, Mapping) or not isinstance(record.get("items"), list):
        return record, []  # reading the document says what is wrong with it
    of_all = {key: record[key] for key in KEYS if key in record}
    items = [item if isinstance(item, Mapping) else {} for item in record["items"]]
    said: list[Mapping[str, object]] = [{**of_all, **{key: item[key] for key in KEYS if key in item}} for item in items]
    bare = [{key: value for key, value in item.items() if key not in KEYS} if isinstance(item, Mapping) else item for item in record["items"]]
    return {**{key: value for key, value in record.items() if key not in KEYS}, "items": bare}, said


def _process_of(engine: Engine, order: Order) -> Process:
    with engine.store.reading() as work:
        version = work.versions.deployed(order.process or "")
        known = ", ".join(each.name for each in work.versions.all_deployed()) or "none; oms deploy puts them in force"
    if version is None:
        raise InvalidOrder([Problem("/process", f'There is no deployed process "{order.process}". Deployed: {known}.')])
    return engine.processes.load(version).process


def _stay(
    place: int, said: Mapping[str, object], *, process: Process, states: Mapping[str, str], now: datetime, problems: list[Problem]
) -> Stay | None:
    state, entered_at = _state(said.get("state"), process, states), _moment(said.get("entered_at"), now)
    for key, found in (("state", state), ("entered_at", entered_at)):
        if isinstance(found, _Fault):
            problems.append(Problem(f"/items/{place}/{key}", found.sentence))
    return Stay(state, entered_at) if isinstance(state, str) and isinstance(entered_at, datetime) else None


@dataclass(frozen=True, slots=True)
class _Fault:
    sentence: str


def _state(said: object, process: Process, states: Mapping[str, str]) -> str | _Fault:
    if not isinstance(said, str):
        return _Fault(f"{shown(said)} says not where the item stands: write the name of its state, on the item or on the order.")
    name = states.get(said, said)
    if name not in process.states:
        there_are = ", ".join(process.states)
        return _Fault(f"{shown(name)} is no state of {process.name}: say --state '{shown(said)[1:-1]}=…'. There are: {there_are}.")
    job = process.states[name].run
    if job is not None:
        return _Fault(f'"{name}" waits for the job "{job.name}", which is not ordered again: take the item over into a state before or after it.')
    return name


def _moment(said: object, now: datetime) -> datetime | _Fault:
    how = "write since when the item has been in its state, with its zone, as in 2026-11-20T10:00:00+01:00."
    if not isinstance(said, str):
        return _Fault(f"{shown(said)} is no time: {how}")
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return _Fault(f"{shown(said)} is no time: {how}")
    if at.tzinfo is None:
        return _Fault(f"{shown(said)} has no zone: {how}")
    if at > now:
        return _Fault(f"{shown(said)} is still to come: {how}")
    return at.astimezone(now.tzinfo)

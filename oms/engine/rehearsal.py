"""What an event would do to an order, rehearsed on a stage by the code that will do it: the same hops, the same commands, the same amounts.

It goes on as the worker would, by arrows without event, and stops at what nobody can know: what somebody has yet to fill in, what a word of the
shop's own does or answers, what a job brings back. Of what comes then it is said what the process holds, without amounts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from oms.engine.examine import reached
from oms.engine.failing import Failure, HopFailed
from oms.engine.overlays import OfTheShop, Written
from oms.engine.request import Part, Request
from oms.engine.run import MOST_HOPS, Run
from oms.engine.stage import Stage
from oms.errors import EndlessChain
from oms.ports.records import Item
from oms.ports.store import UnitOfWork
from oms.ports.views import OrderView
from oms.process.model import Call, Process

if TYPE_CHECKING:
    from oms.engine.context import Condition, Tables
    from oms.engine.trigger import Engine

House = Collection[Callable[..., Any] | None]
"""Functions that may be called on a stage: they write to repositories only, and read no payload."""


@dataclass(frozen=True, slots=True)
class Move:
    """An item, or some of its units, and where it comes to."""

    item: Item  #: as it stands
    quantity: int
    targets: tuple[str, ...]  #: one; several: one of them, nobody knows which; none: it stays


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What would happen."""

    moves: tuple[Move, ...]
    written: tuple[Written, ...] = ()  #: in this order; what comes after a command of the shop's own may have other amounts
    may: tuple[Call, ...] = ()  #: what the process holds besides, on ways that may be taken, or are taken later
    why_not: str | None = None  #: a sentence of the house: it would fail


def rehearse(engine: Engine, stage: Stage, view: OrderView, event: str, named: Sequence[tuple[str, int | None]], *, house: House) -> Foreseen:
    """What the event would do to these items as they stand.

    Args:
        engine: Whose vocabulary it is.
        stage: Of this order.
        view: The order.
        event: Of its process.
        named: Items by their labels, and how many of their units; None: all.
        house: What may be called.

    Raises:
        InvalidInput: there are no such units.
        NotFound: there is no such item.
        NotPossible: none of them has the event.
    """
    work = cast("UnitOfWork", stage)  # as much of one as hops and the words of the house need
    run = engine.begin(work, view.head, Request(event=event, key="", actor="nobody"))
    run.tables = _tables(engine.tables, stage, house)
    parts, _ = reached(run.loaded.process, run.items, event, named)
    if run.loaded.process.events[event].prepare:
        return _unknown(run.loaded.process, parts, event)
    failure = _happens(run, parts)
    if stage.unknown or (failure and not failure.permanent):
        return _unknown(run.loaded.process, parts, event)
    if failure:
        return Foreseen(moves=tuple(Move(part.item, _units(part), ()) for part in parts), why_not=failure.sentence)
    goes_on = _look(run)
    moves = [_move(run, part) for part in parts]
    later = [target for move in moves for target in move.targets if not goes_on or run.loaded.process.states[target].then]
    return Foreseen(moves=tuple(moves), written=tuple(stage.written), may=_distinct(_beyond(run.loaded.process, later)))


def _happens(run: Run, parts: Sequence[Part]) -> Failure | None:
    try:
        run.go(parts)
    except HopFailed as failed:
        return failed.failure
    except EndlessChain as endless:
        return Failure(str(endless), permanent=True)
    return next(iter(run.failed.values()), None)


def _look(run: Run) -> bool:
    """As the worker does at once: arrows without event, and what follows them. False: it came to something that fails or that nobody knows."""
    ways, moved = run.loaded.process.ways_out, {result.item for result in run.results.values() if result.outcome == "moved"}
    for _ in range(MOST_HOPS if not run.held else 0):
        waiting = [Part(item) for item in run.items.values() if item.label in moved and None in ways[item.state]]
        try:
            entered = run.round([(part, None, True) for part in waiting])
            run.follow(entered)
        except EndlessChain:
            return False
        if run.failed or not entered:
            break
    return not run.failed


def _move(run: Run, part: Part) -> Move:
    """Where a part has come to: the item itself, or what was split off from it."""
    own = run.items[part.item.id]
    if part.splits:
        own = max((item for item in run.items.values() if item.split_from == part.item.id), key=lambda item: item.id, default=own)
    is_there = run.results[own.id].outcome == "moved" if own.id in run.results else False
    return Move(part.item, _units(part), (own.state,) if is_there else ())


def _units(part: Part) -> int:
    return part.item.quantity if part.quantity is None else part.quantity


def _unknown(process: Process, parts: Sequence[Part], event: str) -> Foreseen:
    """Where each may come to, and what the process holds on the way."""
    ways = {part.item.id: process.ways_out[part.item.state][event] for part in parts}
    moves = tuple(Move(part.item, _units(part), tuple(dict.fromkeys(arrow.target for arrow in ways[part.item.id]))) for part in parts)
    arrows = [arrow for each in ways.values() for arrow in each]
    calls = [*process.events[event].prepare, *process.events[event].command, *(call for arrow in arrows for call in arrow.command)]
    targets = dict.fromkeys(arrow.target for arrow in arrows)
    entered = [call for target in targets for call in _entering(process, target)]
    return Foreseen(moves=moves, may=_distinct([*calls, *entered, *_beyond(process, targets)]))


def _beyond(process: Process, states: Iterable[str]) -> Iterator[Call]:
    """What is done where items come to from these states without anybody's doing: by arrows without event, `auto` ones, and ends of jobs."""
    todo = list(dict.fromkeys(states))
    seen = set(todo)
    while todo:
        here = todo.pop(0)
        for event, arrows in process.ways_out[here].items():
            if not (event is None or process.events[event].auto or event == process.states[here].then):
                continue
            yield from process.events[event].command if event else ()
            for arrow in arrows:
                yield from arrow.command
                if arrow.target not in seen:
                    seen.add(arrow.target)
                    todo.append(arrow.target)
                    yield from _entering(process, arrow.target)


def _entering(process: Process, state: str) -> Iterator[Call]:
    yield from process.states[state].on_enter
    if (job := process.states[state].run) is not None:
        yield job


def _distinct(calls: Iterable[Call]) -> tuple[Call, ...]:
    found: list[Call] = []
    for call in calls:
        if call not in found:
            found.append(call)
    return tuple(found)


def _tables(tables: Tables, stage: Stage, house: House) -> Tables:
    """The words of the house as they are; in place of the shop's own what tells that they would be called."""

    def note(name: str) -> Callable[..., object]:
        return lambda *_args, **_named: stage.written.append(OfTheShop(name))

    def ask(name: str, condition: Condition) -> Condition:
        def answer(*args: object, **named: object) -> bool:
            if condition in house and not stage.is_touched:
                return condition(*args, **named)
            stage.unknown = True
            raise LookupError(name)

        return answer

    return replace(
        tables,
        conditions={name: ask(name, each) for name, each in tables.conditions.items()},
        commands={name: each if each in house else note(name) for name, each in tables.commands.items()},
        jobs={name: word if word.freeze in house else replace(word, freeze=None) for name, word in tables.jobs.items()},
        listeners={},
    )

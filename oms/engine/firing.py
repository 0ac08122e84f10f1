"""What happens by itself: due timers, and looks at items whose way on may have opened. Each call does one batch and returns its size."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import TypeVar

from oms.engine.choosing import choose
from oms.engine.facts import Facts
from oms.engine.noting import FIRST_PAUSE, as_said, policy
from oms.engine.processes import Loaded
from oms.engine.request import Part, Request
from oms.engine.run import Run
from oms.engine.trigger import Engine
from oms.errors import EndlessChain, StoreUnavailable
from oms.failpoints import reach
from oms.outbox import CAP, COMMANDS, Policy, jittered
from oms.ports.due import DueLook, DueTimer
from oms.ports.records import Item, TimerRow
from oms.ports.store import UnitOfWork
from oms.process.model import Process

log = logging.getLogger(__name__)

_Due = TypeVar("_Due")

LONGEST_PAUSE = timedelta(days=1)
"""Between two looks at an item (rule 17)."""
BATCH = 200
"""Orders or timers at once."""


def fire_timers(engine: Engine) -> int:
    """Let the events of due timers happen, each once, however long nobody looked. Returns how many timers were due."""
    with engine.store.reading() as work:
        now = work.now()
        due = work.timers.due(now, limit=BATCH)
        rules = {timer.version: engine.processes.get(work, timer.version) for timer in due}
    for batch in _batches(due, lambda each: (each.timer.order, each.timer.attempts)):
        mine = engine.transact(partial(_claim_timers, engine, batch, rules, now))
        reach("timer.after_claim")
        for order, timers in groupby(sorted(mine, key=_place_of(rules)), key=lambda each: each.timer.order):
            for event, group in groupby(timers, key=lambda each: each.timer.event):
                fired = [each.timer for each in group]
                _alone(engine, order, partial(_fire, engine, order, event, fired), partial(_stop_timers, fired))
    return len(due)


def look(engine: Engine) -> int:
    """Look at items whose conditions may have come true. Only orders with an open way are locked (rule 17). Returns how many items."""
    with engine.store.reading() as work:
        now = work.now()
        due = work.looks.due(now, limit=BATCH)
        rules = {look.version: engine.processes.get(work, look.version) for look in due}
    for batch in _batches(due, lambda each: (each.item.order, each.item.attempts)):
        mine = engine.transact(partial(_claim_looks, engine, batch, rules, now))
        reach("look.after_claim")
        _look_at(engine, mine, rules, now)
    return len(due)


def _look_at(engine: Engine, mine: Sequence[DueLook], rules: Mapping[int, Loaded], now: datetime) -> None:
    known: dict[int, Facts] = {}
    with engine.store.reading() as work:
        ways = []
        for each in mine:
            if each.item.order not in known:
                known[each.item.order] = engine.facts(work, each.item.order)
            ways.append((each.item, _way(engine, each.item, rules[each.version], known[each.item.order])))
    closed = [item for item, way in ways if way is _CLOSED]
    if closed:
        engine.transact(lambda: _nothing_open(engine, closed, now))
    found = sorted((item.order, way or "", item.id, item) for item, way in ways if way is not _CLOSED)
    for (order, event), group in groupby(found, key=lambda row: row[:2]):
        items = [row[3] for row in group]
        _alone(engine, order, partial(_go, engine, order, event or None, items, now), partial(_stop_looks, items))


_CLOSED = object()
"""Nothing leads on: neither an arrow without event nor a waiting `auto` event."""


def _batches(due: Sequence[_Due], place: Callable[[_Due], tuple[int, int]]) -> Iterator[list[_Due]]:
    """What is tried for the first time together, then order by order: one that kills the process must not use up the tries of the others.

    Args:
        due: Timers or looks.
        place: Order and attempts so far.
    """
    fresh = [each for each in due if not place(each)[1]]
    if fresh:
        yield fresh
    again = sorted((each for each in due if place(each)[1]), key=place)
    for _, group in groupby(again, key=lambda each: place(each)[0]):
        yield list(group)


def _alone(engine: Engine, order: int, happen: Callable[[], object], stop: Callable[[UnitOfWork, str], object]) -> None:
    """A poison order stops nobody: whatever it raises, its attempt is counted and it comes again later; an endless chain only when asked for."""
    try:
        happen()
    except EndlessChain as chain:
        log.warning("order %s: %s", order, chain)
        with engine.store.writing() as work:
            stop(work, str(chain))
    except StoreUnavailable as error:
        log.warning("order %s: %s", order, error)
    except Exception:
        log.exception("order %s failed", order)


def _stop_timers(timers: Sequence[TimerRow], work: UnitOfWork, error: str) -> None:
    work.timers.fail([timer.id for timer in timers], next_at=None, error=error)


def _stop_looks(items: Sequence[Item], work: UnitOfWork, error: str) -> None:
    work.items.look([item.id for item in items], at=None, attempts=items[0].attempts, error=error)


def _place_of(rules: Mapping[int, Loaded]) -> Callable[[DueTimer], tuple[object, ...]]:
    """Orders by their longest overdue timer would be fair; by id they come whole. Within an order by time, then file order (rule 20)."""

    def place(due: DueTimer) -> tuple[object, ...]:
        events = list(rules[due.version].process.events)
        return due.timer.order, due.timer.due_at, events.index(due.timer.event) if due.timer.event in events else -1, due.timer.id

    return place


def _claim_timers(engine: Engine, due: Sequence[DueTimer], rules: Mapping[int, Loaded], now: datetime) -> list[DueTimer]:
    """Count the attempt before the work (rule 15), so that a crash counts, too."""
    mine: list[DueTimer] = []
    with engine.store.writing() as work:
        stale = [each.timer.id for each in due if each.stale]
        if stale:
            work.timers.use_up(stale)
        live = [each for each in due if not each.stale]
        for (attempts, tries), group in _alike(
            live, lambda each: (each.timer.attempts, as_said(rules[each.version].process.events[each.timer.event]))
        ):
            ids = [each.timer.id for each in group]
            if attempts >= tries.attempts:
                work.timers.fail(ids, next_at=None, error=_DIED)
                for each in group:
                    _give_up(work, each.timer.order, each.timer.item, f'"{each.timer.event}"', now)
                continue
            won = work.timers.claim(ids, now=now, again=now + jittered(tries.pause(attempts + 1) or CAP))
            mine += [replace(each, timer=replace(each.timer, attempts=attempts + 1)) for each in group if each.timer.id in won]
    return mine


def _fire(engine: Engine, order: int, event: str, timers: Sequence[TimerRow]) -> None:
    first = timers[0]
    key = f"timer:{first.item}:{first.moves}:{event}:{first.due_at.isoformat()}:{first.attempts}"

    def act(run: Run) -> None:
        pending = {timer.id: timer.attempts for timer in run.work.timers.of(order)}
        mine = tuple(timer for timer in timers if pending.get(timer.id) == timer.attempts and run.items[timer.item].moves == timer.moves)
        run.request = replace(run.request, timers=mine, key=f"{key}:{run.items[first.item].seq}")
        parts = [Part(run.items[timer.item]) for timer in mine]
        run.go(parts)

    engine.run(lambda work: work.orders.lock_id(order), Request(event=event, key=key, actor="timer", by="timer"), act)


def _claim_looks(engine: Engine, due: Sequence[DueLook], rules: Mapping[int, Loaded], now: datetime) -> list[DueLook]:
    mine: list[DueLook] = []
    with engine.store.writing() as work:
        for (attempts, tries), group in _alike(due, lambda each: (each.item.attempts, _patience(rules[each.version].process, each.item.state))):
            ids = [each.item.id for each in group]
            if attempts >= tries.attempts:
                work.items.look(ids, at=None, attempts=attempts, error=_DIED)
                for each in group:
                    _give_up(work, each.item.order, each.item.id, f'The next step from "{each.item.state}"', now)
                continue
            again = now + jittered(tries.pause(attempts + 1) or CAP)
            won = work.looks.claim(ids, now=now, again=again)
            mine += [replace(each, item=replace(each.item, attempts=attempts + 1, look_at=again)) for each in group if each.item.id in won]
    return mine


def _ahead(process: Process, state: str) -> list[str | None]:
    """What an item in this state waits for: arrows without event (None), an `auto` event."""
    return [event for event in dict.fromkeys((None, process.auto[state])) if event or None in process.ways_out[state]]


def _patience(process: Process, state: str) -> Policy:
    """The most tries that any of it is given: which one failed is not known before it is tried."""
    return max((policy(process, state, event) for event in _ahead(process, state)), key=lambda tries: tries.attempts, default=COMMANDS)


def _way(engine: Engine, item: Item, loaded: Loaded, facts: Facts) -> object:
    """The event that leads on: None for an arrow without event, the name of a waiting `auto` event, or _CLOSED.

    A condition that raises counts as open: the run that follows writes down why.
    """
    for event in _ahead(loaded.process, item.state):
        try:
            if choose(loaded, engine.tables, item, event, facts=facts) is not None:
                return event
        except Exception:  # noqa: BLE001 - a condition of a shop may raise anything
            return event
    return _CLOSED


def _nothing_open(engine: Engine, items: Sequence[Item], now: datetime) -> None:
    with engine.store.writing() as work:
        rows = []
        for item in items:
            pause = min(timedelta(seconds=item.look_pause) * 2, LONGEST_PAUSE) if item.look_pause else FIRST_PAUSE
            rows.append((item, now + jittered(pause), int(pause.total_seconds())))
        work.looks.found_nothing(rows, at=now)


def _go(engine: Engine, order: int, event: str | None, items: Sequence[Item], now: datetime) -> None:
    first = items[0]
    key = f"look:{first.id}:{first.moves}:{first.seq}:{now.isoformat()}"

    def act(run: Run) -> None:
        now_are = [(run.items[item.id], item) for item in items]
        parts = [Part(now) for now, then in now_are if (now.moves, now.attempts, now.look_at) == (then.moves, then.attempts, then.look_at)]
        run.go(parts)

    engine.run(lambda work: work.orders.lock_id(order), Request(event=event, key=key, actor="engine", by="look"), act)


_DIED = "the process died during each try"


def _alike(rows: Sequence[_Due], key: Callable[[_Due], tuple[int, Policy]]) -> Iterable[tuple[tuple[int, Policy], list[_Due]]]:
    """Rows with the same number of attempts and the same policy: one UPDATE claims them."""
    groups: dict[tuple[int, Policy], list[_Due]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups.items()


def _give_up(work: UnitOfWork, order: int, item: int, what: str, now: datetime) -> None:
    work.incidents.open("given up", f"item:{item}", text=f"{what} was tried to the last, but {_DIED}.", at=now, order=order, item=item)
    work.orders.mark(order, attention=True)

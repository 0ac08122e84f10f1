"""One event for many orders: drawn up by a person, done by the worker, order by order, each by a trigger of its own.

The key of each trigger is the run's and the order's: killed anywhere, what has happened is found by it and not done again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from oms.engine.asking import require_words
from oms.engine.examine import examine, possible
from oms.engine.request import Answer
from oms.errors import Conflict, InvalidInput, NotPossible, OmsError, Problem, StoreUnavailable
from oms.failpoints import reach
from oms.ports.bulk import BulkOrder, BulkRun
from oms.ports.store import UnitOfWork

if TYPE_CHECKING:
    from oms.engine.trigger import Engine

log = logging.getLogger(__name__)

MOST = 10_000
"""Orders of one run."""
DRAFTED = timedelta(days=1)
"""So long a run that nobody starts is kept."""
BATCH = 20
"""Orders that a worker takes at once."""
_LEASE = timedelta(minutes=1)
"""After it others take what a worker took and did not do."""
_TRIES = 3
"""An order whose trigger kills the process is given up after so many."""


def draw_up(engine: Engine, event: str, orders: Sequence[int], *, store: str, actor: str, key: str, query: str = "") -> int:
    """A run that nobody has started yet: of each order it is known whether it has the event in a state that it stands in. Nothing happens.

    Args:
        engine: Whose.
        event: Its name.
        orders: Their ids; of this store.
        store: Where.
        actor: Who asks.
        key: Of the form: drawn up twice, it is one run.
        query: How they were found; empty: one by one.

    Returns:
        Its id.

    Raises:
        InvalidInput: none are chosen, or more than 10,000.
    """
    require_words(event=event, key=key, actor=actor)
    if not orders:
        raise InvalidInput([Problem("order", "choose some, or all that the search finds.")])
    if len(orders) > MOST:
        raise InvalidInput([Problem("order", f"these are more than {MOST:,}: narrow the search, and do them part by part.")])
    with engine.store.writing() as work:
        known = work.bulk.keyed(key)
        if known is not None:
            return _mine(known, actor).id
        standing = work.bulk.standing(list(dict.fromkeys(orders)))
        parts = [_looked_at(engine, work, event, order, *where) for order, where in standing.items()]
        return work.bulk.add(BulkRun(key=key, store=store, event=event, query=query, actor=actor, created_at=work.now()), parts)


def _mine(run: BulkRun, actor: str) -> BulkRun:
    if run.actor != actor:
        raise Conflict("This form is somebody else's. Load the page again.")
    return run


def _looked_at(engine: Engine, work: UnitOfWork, event: str, order: int, version: int, states: tuple[str, ...]) -> BulkOrder:
    process = engine.processes.get(work, version).process
    if any(event in process.ways_out[state] for state in states):
        return BulkOrder(run=0, order=order)
    here = list(dict.fromkeys(states))
    ways = list(dict.fromkeys(name for state in here for name in possible(process, state)))
    return BulkOrder(run=0, order=order, outcome="cannot", said=str(NotPossible(event, states=here, possible=ways)))


def start(engine: Engine, run: int, *, actor: str, roles: Collection[str] | None, reason: str | None, payload: Mapping[str, str]) -> None:
    """Let the worker do it. Started twice, it runs once.

    Args:
        engine: Whose.
        run: One that was drawn up.
        actor: Who starts it: stands in each order's history.
        roles: Theirs, as they are now; None: no person.
        reason: Why; some events want one.
        payload: What the event asks for; the same for each order.

    Raises:
        NotFound: there is no such run.
        InvalidInput: a field or the reason is missing or wrong.
        NotAllowed: the event is for other roles.
        NotPossible: it comes by itself only, or no order has it.
    """
    with engine.store.writing() as work:
        drawn = work.bulk.get(run)
        if drawn.status != "draft":
            return
        versions = work.bulk.versions(run)
        if not versions:
            raise NotPossible(drawn.event, states=["any of these orders"], possible=[])
        for version in versions:
            examine(engine.processes.get(work, version), drawn.event, payload=payload, reason=reason, roles=roles)
        said = json.dumps(dict(payload), ensure_ascii=False) if payload else None
        work.bulk.start(replace(drawn, actor=actor, roles=tuple(sorted(roles or ())), reason=reason, payload=said, started_at=work.now()))


def stop(engine: Engine, run: int, *, actor: str) -> None:
    """What is not done yet stays undone. Orders that a worker is at just now are done, twenty at most."""
    with engine.store.writing() as work:
        work.bulk.stop(run, by=actor, at=work.now())


def run_bulk(engine: Engine) -> int:
    """The tick: one batch of orders of the runs that were started. Returns how many were ours."""
    with engine.store.reading() as work:
        if not work.bulk.is_running():
            return 0
    mine = engine.transact(lambda: _claim(engine))
    for each in mine:
        with engine.store.reading() as work:  # asked for each: who stops a run doesn't wait for its batch
            run = work.bulk.get(each.run)
        if run.status == "running":
            _do(engine, run, each)
    return len(mine)


def _claim(engine: Engine) -> list[BulkOrder]:
    """Count the attempt before the work (rule 15)."""
    mine = []
    with engine.store.writing() as work:
        now = work.now()
        work.bulk.finish(at=now)
        for each in work.bulk.due(now, limit=BATCH):
            if each.attempts >= _TRIES:
                work.bulk.settle(replace(each, outcome="failed", said="The process died during each try."))
            elif work.bulk.claim(each, now=now, again=now + _LEASE):
                mine.append(replace(each, attempts=each.attempts + 1))
    return mine


def _do(engine: Engine, run: BulkRun, each: BulkOrder) -> None:
    """Whatever one order raises, the others are done."""
    try:
        done = _result(each, _trigger(engine, run, each))
    except StoreUnavailable as error:  # the claim ends, and it is tried again
        log.warning("bulk run %s, order %s: %s", run.id, each.reference, error)
        return
    except NotPossible as error:
        done = replace(each, outcome="cannot", said=str(error))
    except OmsError as error:
        done = replace(each, outcome="failed", said=str(error))
    except Exception:
        log.exception("bulk run %s, order %s failed", run.id, each.reference)
        done = replace(each, outcome="failed", said="A fault of ours: the log of the worker says more.")
    reach("bulk.after_trigger")
    engine.transact(lambda: _settle(engine, done))


def _trigger(engine: Engine, run: BulkRun, each: BulkOrder) -> Answer:
    return engine.trigger(
        each.reference,
        run.event,
        store=run.store,
        key=f"bulk:{run.key}:{each.order}",
        actor=run.actor,
        reason=run.reason,
        payload=json.loads(run.payload) if run.payload else {},
        roles=run.roles or None,
        cause=f"bulk:{run.id}",
    )


def _settle(engine: Engine, done: BulkOrder) -> None:
    with engine.store.writing() as work:
        work.bulk.settle(done)


def _result(each: BulkOrder, answer: Answer) -> BulkOrder:
    """What counts of an order is the item that went furthest; what did not follow is said."""
    first = next((result for outcome in ("moved", "failed", "stayed") for result in answer.results if result.outcome == outcome), None)
    said = " ".join(dict.fromkeys(filter(None, (result.error or (result.why if result.outcome == "stayed" else None) for result in answer.results))))
    outcome = "stayed" if first is None or first.outcome == "not applicable" else first.outcome
    return replace(each, outcome=outcome, trigger=answer.trigger, state=first.state if first else None, said=said or None)

"""What is told to those who watch over the shop: what happened, added up over all processes, and what is open, counted now and then (rule 40).

Nothing of it is written inside a trigger, where all orders would wait for one row. Who is killed takes the last seconds of what it counted along.
"""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oms.errors import StoreUnavailable
from oms.ports.operations import Counted, StateCount
from oms.tally import Tally
from oms.tracing import Fact, note

if TYPE_CHECKING:
    from oms.engine.run import Run
    from oms.engine.trigger import Engine
    from oms.ports.store import Store

log = logging.getLogger(__name__)

OPEN, MONEY = "open", "money"
"""The names of what `count_open` and `count_money` keep."""
EVERY = 15.0
"""Seconds between two counts, and between two times that a busy process writes down what it did."""
_FRESH = timedelta(seconds=EVERY * 0.8)
_LIGHT = 100
"""Counting may take a hundredth of the time: where it takes long, it is done less often."""
TRANSITIONS, JOB_SECONDS, MAILS_OFFERED = "transitions", "job_seconds", "mails"
"""What is counted."""


class SharedTally(Tally):
    """The tally of an engine; written down every 15 seconds by whoever counts then, and at the end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock, self._written = clock, clock()

    def write(self, store: Store) -> None:
        """Add what this process did to what all did. If the database doesn't answer, it is done later."""
        self._written = self._clock()
        if not (counts := self.take()):
            return
        try:
            with store.writing() as work:
                work.figures.add(counts)
        except StoreUnavailable:
            self.give_back(counts)
        except Exception:  # whatever it is: what was counted has happened, and nobody is to be told that it failed
            self.give_back(counts)
            log.exception("figures could not be written down")

    def write_when_due(self, store: Store) -> None:
        """The same, if it was not done of late."""
        if self._clock() - self._written >= EVERY:
            self.write(store)


def span_of(run: Run) -> None:
    """What the span of a trigger says, once it is known what came of it."""
    event, results = run.request.event, run.answer.results if run.answer else ()
    counts = {f"oms.items.{outcome.replace(' ', '_')}": number for outcome, number in Counter(result.outcome for result in results).items()}
    facts: dict[str, Fact] = {"oms.process": run.loaded.process.name, "oms.trigger.by": run.request.by, "oms.hops": run.hops, **counts}
    if event is None:
        note(facts)
    elif event.startswith("__"):  # placing, billing: no event of a process
        note(facts, name=event.strip("_"))
    else:
        note(facts | {"oms.event": event}, name=f"trigger {event}")


def happened(engine: Engine, run: Run) -> None:
    """Called after the commit of a trigger: what came of it is counted and logged."""
    if run.answer is None or run.trigger is None:
        return
    outcomes = Counter(result.outcome for result in run.answer.results)
    process, event = run.loaded.process.name, run.request.event or ""
    for outcome, number in outcomes.items():
        engine.tally.count(TRANSITIONS, number, process=process, event=event, outcome=outcome)
    if log.isEnabledFor(logging.INFO):
        told = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items()) or "no item"
        about = {"order": run.head.reference, "process_event": event, "trigger": run.trigger, "hops": run.hops, "by": run.request.by}
        log.info("%s: %s", event or "a way without event", told, extra=about)
    engine.tally.write_when_due(engine.store)


def count_open(engine: Engine, *, again: bool = False) -> bool:
    """Count what is open, unless another worker has just done so. Returns whether it was counted.

    Args:
        engine: Whose.
        again: Whether it is counted in any case.
    """
    with engine.store.reading() as work:
        last, now = work.figures.kept(OPEN), work.now()
        if not again and _is_fresh(last, now):
            return False
        began = time.monotonic()
        items, versions = work.counts.taken(now), sorted(work.versions.open_orders().items())
        counted = {"items": _by_state(items), "versions": versions, "jobs": work.figures.open_jobs(), "incidents": work.figures.open_incidents()}
    told = json.dumps({"took": round(time.monotonic() - began, 3), **counted})
    with engine.store.writing() as work:  # not in the one above: whoever counts for seconds must not keep others from writing
        work.counts.keep(items, at=now)
        work.figures.keep(OPEN, told, at=now)
        work.versions.leave([version for version, _ in versions], at=now)
    return True


def count_money(engine: Engine, *, again: bool = False) -> bool:
    """The same for what invoices come to. Apart, for it takes longer: it reads all that was ever issued and paid."""
    with engine.store.reading() as work:
        last, now = work.figures.kept(MONEY), work.now()
        if not again and _is_fresh(last, now):
            return False
        began = time.monotonic()
        invoices = work.figures.invoices(days(engine, now))
    told = json.dumps({"took": round(time.monotonic() - began, 3), "invoices": [astuple(each) for each in invoices]})
    with engine.store.writing() as work:
        work.figures.keep(MONEY, told, at=now)
    return True


def days(engine: Engine, now: datetime) -> Mapping[str, date]:
    """Store to the day that it is there; under "" that of any other."""
    found = {name: now.astimezone(ZoneInfo(profile.zone)).date() for name, profile in engine.profiles.items()}
    return found | {"": next(iter(found.values()))}


def _is_fresh(last: Counted | None, now: datetime) -> bool:
    """Whether what was counted last is still to be left alone; a count of the future was taken by another clock, and says nothing."""
    return last is not None and timedelta(0) <= now - last.at < max(_FRESH, timedelta(seconds=json.loads(last.told)["took"] * _LIGHT))


def _by_state(items: Sequence[StateCount]) -> list[tuple[str, str, int, str]]:
    """Process, state, how many, and since when the oldest: of all stores and ages."""
    numbers, oldest = Counter[tuple[str, str]](), dict[tuple[str, str], datetime]()
    for each in items:
        key = (each.process, each.state)
        numbers[key] += each.items
        oldest[key] = min(oldest.get(key, each.oldest_at), each.oldest_at)
    return [(*key, number, oldest[key].isoformat()) for key, number in sorted(numbers.items())]


def count(engine: Engine) -> None:
    """The tick: count what is open, and what of it in money, write down what was done."""
    engine.tally.write(engine.store)
    count_open(engine)
    count_money(engine)

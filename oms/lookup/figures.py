"""What `/metrics` tells, read with a few short queries; what takes longer was counted by a worker's tick."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from oms.engine.counting import OPEN
from oms.errors import StoreUnavailable
from oms.outbox import LEASE
from oms.tally import Key

if TYPE_CHECKING:
    from oms.bootstrap import Shop
    from oms.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class Figures:
    """What there was to count; times in seconds."""

    answers: bool  #: whether the database does; if not, nothing else is known
    workers: int = 0  #: who said of late that they are there
    overdue: Mapping[str, float] = field(default_factory=dict)  #: what happens by itself to how late it is; what is held waits, and is not late
    oldest_message: float = 0.0  #: age of a provider's oldest message that still waits
    counted_at: datetime | None = None  #: when a worker counted what follows; None: none has yet
    items: tuple[tuple[str, str, int, float], ...] = ()  #: process, state, how many are open, age of the oldest
    jobs: tuple[tuple[str, str, int], ...] = ()  #: name, status, how many are to be done
    incidents: tuple[tuple[str, int], ...] = ()  #: kind, how many are open
    sums: Mapping[Key, float] = field(default_factory=dict)  #: what all processes did, since there is this database


def figures(shop: Shop) -> Figures:
    """Read them, as of now."""
    try:
        with shop.store.reading() as work:
            return _read(work)
    except StoreUnavailable:
        return Figures(answers=False)


def _read(work: UnitOfWork) -> Figures:
    now, counted, message = work.now(), work.figures.kept(OPEN), work.figures.oldest_message()
    told = json.loads(counted.told) if counted is not None else {"items": [], "jobs": [], "incidents": []}
    return Figures(
        answers=True,
        workers=sum(now - each.seen_at <= LEASE for each in work.workers.all()),
        overdue={what: _age(at, now) for what, at in overdue(work, now).items()},
        oldest_message=_age(message, now),
        counted_at=counted.at if counted else None,
        items=tuple((process, state, number, _age(datetime.fromisoformat(at), now)) for process, state, number, at in told["items"]),
        jobs=tuple((name, status, number) for name, status, number in told["jobs"]),
        incidents=tuple((kind, number) for kind, number in told["incidents"]),
        sums=work.figures.sums(),
    )


def overdue(work: UnitOfWork, now: datetime) -> dict[str, datetime | None]:
    """Since when the longest overdue of each has been so, as the worker finds it: what is held waits for a person. None: nothing is."""
    timers, looks, messages = work.timers.due(now, limit=1), work.looks.due(now, limit=1), work.inbox.due(now, limit=1)
    jobs = [work.jobs.get(each).next_at for each in work.jobs.due(now, limit=1)]
    return {
        "timers": min((each.timer.next_at for each in timers if each.timer.next_at is not None), default=None),
        "looks": min((each.item.look_at for each in looks if each.item.look_at is not None), default=None),
        "jobs": next(iter(jobs), None),
        "inbox": messages[0].next_at if messages else None,
    }


def longest_overdue(work: UnitOfWork, now: datetime) -> datetime | None:
    """Since when something has been overdue; None: nothing is."""
    return min((at for at in overdue(work, now).values() if at is not None), default=None)


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since is not None else 0.0

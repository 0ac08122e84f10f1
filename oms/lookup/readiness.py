"""Can this shop do its work now? Asked by load balancers and supervisors every few seconds, so it costs a few short queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from oms.engine.waiting import roughly
from oms.errors import StoreUnavailable
from oms.lookup.figures import longest_overdue
from oms.outbox import LEASE
from oms.store.health import faults

if TYPE_CHECKING:
    from oms.bootstrap import Shop

OVERDUE = timedelta(minutes=2)
"""So late nothing is while somebody works."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was looked at, and what is wrong with it."""

    database: str | None  #: None: it answers and is of the newest form
    workers: str | None  #: None: somebody works
    work: str | None  #: None: nothing is overdue

    @property
    def is_ready(self) -> bool:
        """Requests can be answered, and what they leave to do is done."""
        return (self.database, self.workers, self.work) == (None, None, None)


def readiness(shop: Shop) -> Readiness:
    """Look at the database, at who works on it, and at what is due."""
    try:
        found = faults(shop.store, thorough=False)
        if found:
            return Readiness(" ".join(found), None, None)
        with shop.store.reading() as work:
            now, workers = work.now(), work.workers.all()
            due_at = longest_overdue(work, now)
    except StoreUnavailable as error:
        return Readiness(str(error), None, None)
    works = any(now - each.seen_at <= LEASE for each in workers)
    return Readiness(None, None if works else "Nobody works: oms work, or oms serve without --no-work.", _overdue(due_at, now))


def _overdue(due_at: datetime | None, now: datetime) -> str | None:
    return f"Something has been due for {roughly(now - due_at)}." if due_at is not None and now - due_at > OVERDUE else None

"""Figures for those who watch over the shop: what is open, counted by a tick, and sums over what all processes did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import bindparam, func, select, type_coerce
from sqlalchemy.dialects.postgresql import insert  # SQLite writes ON CONFLICT alike
from sqlalchemy.types import NullType

from oms.ports.operations import Counted, StandingCount
from oms.store.access import Access
from oms.store.inbox import INBOX
from oms.store.incidents import INCIDENTS
from oms.store.standing import counts
from oms.store.tables import FigureRow, TallyRow, table_of
from oms.store.turns import JOBS
from oms.tally import Key

TALLIES, FIGURES = table_of(TallyRow), table_of(FigureRow)

_MORE = insert(TALLIES)
_ADD = _MORE.on_conflict_do_update(index_elements=[TALLIES.c.name, TALLIES.c.labels], set_={"value": TALLIES.c.value + _MORE.excluded.value})
_ALL = select(TALLIES.c.name, TALLIES.c.labels, type_coerce(TALLIES.c.value, NullType()).label("value"))
"""Every driver gives a float for a float; SQLAlchemy wants to be told the number of its type first."""
_NEW = insert(FIGURES)
_KEEP = _NEW.on_conflict_do_update(index_elements=[FIGURES.c.name], set_={"counted_at": _NEW.excluded.counted_at, "told": _NEW.excluded.told})
_KEPT = select(FIGURES.c.counted_at, FIGURES.c.told).where(FIGURES.c.name == bindparam("wanted"))
_JOBS = tuple(
    select(JOBS.c.name, JOBS.c.status, func.count().label("number")).where(each).group_by(JOBS.c.name, JOBS.c.status)
    for each in (JOBS.c.status.in_(("todo", "landing")), JOBS.c.status == "running")  # each has an index of its own
)
_INCIDENTS = select(INCIDENTS.c.kind, func.count().label("number")).where(INCIDENTS.c.closed_at.is_(None)).group_by(INCIDENTS.c.kind)
_OLDEST_MESSAGE = select(func.min(INBOX.c.received_at).label("at")).where(INBOX.c.status == "waiting")


class Figures(Access):
    """`oms.ports.operations.Figures` on SQL."""

    def add(self, counts: Mapping[Key, float]) -> None:
        """In one order, so that two who add at once never wait for each other in a circle."""
        rows = sorted((name, json.dumps(dict(labels), sort_keys=True), number) for (name, labels), number in counts.items())
        self._run(_ADD, [{"name": name, "labels": labels, "value": number} for name, labels, number in rows])

    def sums(self) -> dict[Key, float]:
        """All there are."""
        return {(row.name, tuple(sorted(json.loads(row.labels).items()))): row.value for row in self._all(_ALL)}

    def keep(self, name: str, told: str, *, at: datetime) -> None:
        """Instead of what was counted before."""
        self._run(_KEEP, {"name": name, "counted_at": at, "told": told})

    def kept(self, name: str) -> Counted | None:
        """What was counted last."""
        row = self._first(_KEPT, {"wanted": name})
        return Counted(*row) if row else None

    def open_jobs(self) -> list[tuple[str, str, int]]:
        """Name, status and how many."""
        return [(row.name, row.status, row.number) for statement in _JOBS for row in self._all(statement)]

    def invoices(self, days: Mapping[str, date]) -> list[StandingCount]:
        """Of all stores: it reads all that was ever issued and paid, from indexes."""
        return counts(self._wire.connection, days)

    def open_incidents(self) -> list[tuple[str, int]]:
        """Kind and how many."""
        return [(row.kind, row.number) for row in self._all(_INCIDENTS)]

    def oldest_message(self) -> datetime | None:
        """When it came."""
        found: datetime | None = self._first(_OLDEST_MESSAGE).at
        return found

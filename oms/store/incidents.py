"""What needs attention: at most one open row per (kind, subject)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore  # SQLite writes ON CONFLICT alike

from oms.ports.records import Incident
from oms.store.access import Access
from oms.store.tables import IncidentRow, table_of

INCIDENTS = table_of(IncidentRow)

INCIDENT_COLUMNS = tuple(INCIDENTS.c[name] for name in Incident.__slots__)

_OPEN = INCIDENTS.c.closed_at.is_(None)
_THIS = (INCIDENTS.c.kind == bindparam("the_kind"), INCIDENTS.c.subject == bindparam("the_subject"), _OPEN)
_ADD = insert_or_ignore(INCIDENTS).on_conflict_do_nothing()
_RETELL = update(INCIDENTS).where(*_THIS).values(text=bindparam("why"))
_CLOSE = update(INCIDENTS).where(*_THIS).values(closed_at=bindparam("at"), closed_by=bindparam("who"))
_CLOSE_OF = (
    update(INCIDENTS)
    .where(_OPEN, INCIDENTS.c.order == bindparam("wanted"), INCIDENTS.c.item.in_(bindparam("ids", expanding=True)))
    .values(closed_at=bindparam("at"), closed_by=bindparam("who"))
)
_IS_OPEN = select(INCIDENTS.c.id).where(*_THIS)
INCIDENTS_OF = select(*INCIDENT_COLUMNS).where(_OPEN, INCIDENTS.c.order == bindparam("wanted")).order_by(INCIDENTS.c.id)
_UNTOLD = select(*INCIDENT_COLUMNS).where(_OPEN, INCIDENTS.c.told_at.is_(None), INCIDENTS.c.kind != "alert").order_by(INCIDENTS.c.id)
_TOLD = select(*INCIDENT_COLUMNS).where(INCIDENTS.c.told_at > bindparam("since"))
_TELL = (
    update(INCIDENTS)
    .where(INCIDENTS.c.id.in_(bindparam("ids", expanding=True)), INCIDENTS.c.told_at.is_(None))  # another host may be telling of them
    .values(told_at=bindparam("at"))
    .returning(*INCIDENT_COLUMNS)
)


class Incidents(Access):
    """`oms.ports.work.Incidents` on SQL."""

    def open(self, kind: str, subject: str, *, text: str, at: datetime, order: int | None = None, item: int | None = None) -> bool:
        """False: one was open already; its text is brought up to date."""
        values = {"kind": kind, "subject": subject, "order": order, "item": item, "opened_at": at, "text": text}
        if self._run(_ADD, {**values, "closed_at": None, "closed_by": None, "told_at": None}).rowcount:
            return True
        self._run(_RETELL, {"the_kind": kind, "the_subject": subject, "why": text})
        return False

    def close(self, kind: str, subject: str, *, by: str, at: datetime) -> bool:
        """It was mended."""
        return self._run(_CLOSE, {"the_kind": kind, "the_subject": subject, "who": by, "at": at}).rowcount == 1

    def close_of(self, order: int, *, items: Sequence[int], by: str, at: datetime) -> bool:
        """Those of these items, because they moved. Returns whether others of the order stay open."""
        self._run(_CLOSE_OF, {"wanted": order, "ids": list(items), "who": by, "at": at})
        return bool(self.of(order))

    def is_open(self, kind: str, subject: str) -> bool:
        """Whether it still needs attention."""
        return self._first(_IS_OPEN, {"the_kind": kind, "the_subject": subject}) is not None

    def of(self, order: int) -> list[Incident]:
        """The open ones of an order."""
        return [Incident(*row) for row in self._all(INCIDENTS_OF, {"wanted": order})]

    def untold(self) -> list[Incident]:
        """Open ones that nobody was told of."""
        return [Incident(*row) for row in self._all(_UNTOLD)]

    def told_since(self, at: datetime) -> list[Incident]:
        """Those that somebody was told of since then."""
        return [Incident(*row) for row in self._all(_TOLD, {"since": at})]

    def tell(self, incidents: Sequence[int], *, at: datetime) -> list[Incident]:
        """Somebody is told of those of these that nobody was told of."""
        return sorted((Incident(*row) for row in self._all(_TELL, {"ids": list(incidents), "at": at})), key=lambda incident: incident.id)

"""Messages of payment providers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite writes ON CONFLICT alike

from oms.errors import NotFound
from oms.ports.inbox import Received, Said, Status
from oms.store.access import Access
from oms.store.tables import InboxRow, table_of

INBOX = table_of(InboxRow)

_ADD = insert(INBOX).on_conflict_do_nothing(index_elements=[INBOX.c.provider, INBOX.c.event_id])
_ROWS = select(*INBOX.c)
_WAITS = INBOX.c.status == "waiting"
_GET = _ROWS.where(INBOX.c.id == bindparam("wanted"))
_WAITING_OF = _ROWS.where(_WAITS, INBOX.c.order == bindparam("wanted")).order_by(INBOX.c.id).limit(bindparam("most"))
_DUE = _ROWS.where(_WAITS, INBOX.c.next_at <= bindparam("now")).order_by(INBOX.c.next_at, INBOX.c.id).limit(bindparam("most"))
_CLAIM = (
    update(INBOX)
    .where(INBOX.c.id == bindparam("wanted"), _WAITS, INBOX.c.next_at <= bindparam("now"))
    .values(attempts=INBOX.c.attempts + 1, next_at=bindparam("again"))
)
_SETTLE = (
    update(INBOX).where(INBOX.c.id == bindparam("wanted")).values(status=bindparam("is_now"), next_at=bindparam("again"), error=bindparam("why"))
)
_WAIT = _SETTLE.where(_WAITS, INBOX.c.next_at == bindparam("claimed"))
_EXPLAIN = update(INBOX).where(INBOX.c.id == bindparam("wanted"), _WAITS).values(error=bindparam("why"))
_WAKE = update(INBOX).where(_WAITS, INBOX.c.order == bindparam("wanted"), INBOX.c.id != bindparam("but")).values(next_at=bindparam("at"))
_TWIN = select(INBOX.c.id).where(INBOX.c.provider == bindparam("whose"), INBOX.c.event_id == bindparam("event"))
_READ = (*Said.__slots__, "status", "next_at", "error", "headers")
_UNDERSTAND = (
    update(INBOX)
    .where(INBOX.c.id == bindparam("wanted"), INBOX.c.status == "unread")
    .values({name: bindparam(f"new_{name}", type_=INBOX.c[name].type) for name in _READ})
)


class Inbox(Access):
    """`oms.ports.inbox.Inbox` on SQL."""

    def add(self, message: Received) -> int | None:
        """Returns its id; None: it is there already."""
        values = {name: getattr(message.said, name) for name in Said.__slots__}
        values |= {name: getattr(message, name) for name in Received.__slots__ if name not in {"id", "said"}}
        return self._insert(_ADD, values) or None

    def get(self, message: int) -> Received:
        """One message."""
        row = self._first(_GET, {"wanted": message})
        if row is None:
            raise NotFound(f"There is no message {message}. `oms inbox list` shows what there is.")
        return _message(row)

    def waiting_of(self, order: str, *, limit: int) -> list[Received]:
        """Those that wait for an order of this reference."""
        return [_message(row) for row in self._all(_WAITING_OF, {"wanted": order, "most": limit})]

    def due(self, now: datetime, *, limit: int) -> list[Received]:
        """Those whose next try has come."""
        return [_message(row) for row in self._all(_DUE, {"now": now, "most": limit})]

    def claim(self, message: int, *, now: datetime, again: datetime) -> bool:
        """Count a try of one that is still due."""
        return self._run(_CLAIM, {"wanted": message, "now": now, "again": again}).rowcount == 1

    def settle(self, message: int, *, status: Status, next_at: datetime | None = None, error: str | None = None) -> None:
        """Say what came of a try."""
        self._run(_SETTLE, {"wanted": message, "is_now": status, "again": next_at, "why": error})

    def understand(self, message: int, read: Received) -> bool:
        """What one that was `unread` says after all."""
        if self._first(_TWIN, {"whose": read.provider, "event": read.said.event_id}):
            return False
        values = {f"new_{name}": getattr(read.said, name) for name in Said.__slots__}
        values |= {"new_status": read.status, "new_next_at": read.next_at, "new_error": read.error, "new_headers": None}
        return self._run(_UNDERSTAND, {"wanted": message, **values}).rowcount == 1

    def wait(self, message: int, *, claimed: datetime, next_at: datetime | None, error: str | None) -> None:
        """A try failed."""
        values = {"wanted": message, "is_now": "waiting", "again": next_at, "why": error, "claimed": claimed}
        if not self._run(_WAIT, values).rowcount:
            self._run(_EXPLAIN, {"wanted": message, "why": error})

    def wake(self, order: str, *, at: datetime, but: int | None = None) -> None:
        """What waits for the order is tried now."""
        self._run_later(_WAKE, {"wanted": order, "at": at, "but": but or 0})

    def listed(self, *, status: Status | None, order: str | None, limit: int) -> Sequence[Received]:
        """Newest first."""
        query = _ROWS.order_by(INBOX.c.id.desc()).limit(bindparam("most"))
        values: dict[str, object] = {"most": limit}
        if status is not None:
            query, values = query.where(INBOX.c.status == bindparam("is_now")), values | {"is_now": status}
        if order is not None:
            query, values = query.where(INBOX.c.order == bindparam("wanted")), values | {"wanted": order}
        return [_message(row) for row in self._all(query, values)]


def _message(row: Any) -> Received:
    said = Said(**{name: getattr(row, name) for name in Said.__slots__})
    return Received(said=said, **{name: getattr(row, name) for name in Received.__slots__ if name != "said"})

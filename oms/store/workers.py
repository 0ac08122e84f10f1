"""Who works on this database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert  # SQLite writes ON CONFLICT alike

from oms.ports.operations import WorkerSeen
from oms.store.access import Access
from oms.store.tables import WorkerRow, table_of

WORKERS = table_of(WorkerRow)

_NEW = insert(WORKERS)
_SEEN = _NEW.on_conflict_do_update(index_elements=[WORKERS.c.name], set_={"seen_at": _NEW.excluded.seen_at})
_ALL = select(WORKERS.c.name, WORKERS.c.queues, WORKERS.c.started_at, WORKERS.c.seen_at).order_by(WORKERS.c.started_at, WORKERS.c.name)
_LEAVE = delete(WORKERS).where(WORKERS.c.name == bindparam("who"))
_FORGET = delete(WORKERS).where(WORKERS.c.seen_at < bindparam("before"))


class Workers(Access):
    """`oms.ports.work.Workers` on SQL."""

    def seen(self, name: str, *, queues: Collection[str], at: datetime) -> None:
        """It is there."""
        self._run(_SEEN, {"name": name, "queues": ",".join(queues), "started_at": at, "seen_at": at})

    def leave(self, name: str) -> None:
        """It has ended as it should."""
        self._run(_LEAVE, {"who": name})

    def forget(self, *, before: datetime) -> int:
        """Those who were not seen since."""
        return self._run(_FORGET, {"before": before}).rowcount

    def all(self) -> list[WorkerSeen]:
        """The longest at work first."""
        return [WorkerSeen(row.name, tuple(filter(None, row.queues.split(","))), row.started_at, row.seen_at) for row in self._all(_ALL)]

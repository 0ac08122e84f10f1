"""What is done to many orders at once: runs, their orders, what came of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, case, cast, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore  # SQLite writes ON CONFLICT alike

from oms.errors import NotFound
from oms.ports.bulk import BulkOrder, BulkRun, Tallied
from oms.ports.records import Document, DocumentFile
from oms.store.access import Access
from oms.store.items import ITEMS
from oms.store.orders import ORDERS
from oms.store.papers import FILE_COLUMNS, FILES, INVOICE_COLUMNS, INVOICES
from oms.store.prepared import Values
from oms.store.tables import BulkOrderRow, BulkRunRow, table_of

RUNS, PARTS = table_of(BulkRunRow), table_of(BulkOrderRow)

_AT_ONCE = 500
_RUN = select(*(RUNS.c[name] for name in BulkRun.__slots__))
_GET = _RUN.where(RUNS.c.id == bindparam("wanted"))
_KEYED = _RUN.where(RUNS.c.key == bindparam("wanted"))
_LIST = _RUN.where(RUNS.c.store == bindparam("in_store"), RUNS.c.started_at.is_not(None)).order_by(RUNS.c.id.desc()).limit(bindparam("most"))
_ADD = insert_or_ignore(RUNS).on_conflict_do_nothing()
_ADD_ORDERS = insert(PARTS)
_STANDING = select(ORDERS.c.id, ORDERS.c.version, ITEMS.c.state).join(ITEMS, ITEMS.c.order == ORDERS.c.id).order_by(ITEMS.c.id)
_TODO = PARTS.c.outcome == "todo"
_OF_RUN = PARTS.c.run == bindparam("wanted")
_VERSIONS = select(ORDERS.c.version).join(PARTS, PARTS.c.order == ORDERS.c.id).where(_OF_RUN, _TODO).distinct().order_by(ORDERS.c.version)
_START = (
    update(RUNS)
    .where(RUNS.c.id == bindparam("wanted"), RUNS.c.status == "draft")
    .values(
        {"status": "running"} | {name: bindparam(f"new_{name}") for name in ("actor", "roles", "reason", "payload", "started_at")},
    )
)
_ENDED: dict[str, Any] = {"reason": None, "payload": None, "ended_at": bindparam("at")}
_STOP = (
    update(RUNS)
    .where(RUNS.c.id == bindparam("wanted"), RUNS.c.status.in_(("draft", "running")))
    .values({"status": "stopped", "ended_by": bindparam("by"), **_ENDED})
)
_RUNNING = select(RUNS.c.id).where(RUNS.c.status == "running").limit(1)
_THIS_RUNNING = _RUNNING.where(RUNS.c.id == bindparam("wanted"))
_LEFT = select(PARTS.c.order).where(PARTS.c.run == RUNS.c.id, _TODO).correlate(RUNS).exists()
_FINISH = update(RUNS).where(RUNS.c.status == "running", ~_LEFT).values({"status": "done", **_ENDED})
_PART = (PARTS.c.run, PARTS.c.order, ORDERS.c.reference, PARTS.c.outcome, PARTS.c.attempts, PARTS.c.trigger, PARTS.c.state, PARTS.c.said)
_PARTS = select(*_PART).join(ORDERS, ORDERS.c.id == PARTS.c.order)
_DUE = (
    _PARTS.join(RUNS, RUNS.c.id == PARTS.c.run)
    .where(RUNS.c.status == "running", _TODO, PARTS.c.next_at <= bindparam("now"))
    .order_by(PARTS.c.run, PARTS.c.order)
    .limit(bindparam("most"))
)
_MINE = (PARTS.c.run == bindparam("of_run"), PARTS.c.order == bindparam("of_order"), _TODO)
_CLAIM = update(PARTS).where(*_MINE, PARTS.c.next_at <= bindparam("now")).values(attempts=PARTS.c.attempts + 1, next_at=bindparam("again"))
_SETTLE = update(PARTS).where(*_MINE).values({name: bindparam(f"new_{name}") for name in ("outcome", "trigger", "state", "said")})
_SAID = select(PARTS.c.outcome, case((PARTS.c.outcome == "cannot", PARTS.c.said), else_=None).label("why")).where(_OF_RUN).subquery()
_TALLY = select(_SAID.c.outcome, _SAID.c.why, func.count()).group_by(_SAID.c.outcome, _SAID.c.why).order_by(func.count().desc(), _SAID.c.outcome)
_FIRST = case((PARTS.c.outcome == "failed", 0), (PARTS.c.outcome == "cannot", 1), (PARTS.c.outcome == "stayed", 2), else_=3)
_ORDERS = _PARTS.where(_OF_RUN).order_by(_FIRST, PARTS.c.order).limit(bindparam("most")).offset(bindparam("skip"))
_PAPERS = (
    select(*INVOICE_COLUMNS, *FILE_COLUMNS)
    .join(PARTS, PARTS.c.order == INVOICES.c.order)
    .outerjoin(FILES, (FILES.c.invoice == INVOICES.c.id) & (FILES.c.kind == "pdf"))
    .where(_OF_RUN, INVOICES.c.cause.startswith(cast(PARTS.c.trigger, String).concat(":")))
    .order_by(INVOICES.c.id)
)
_OLD = select(RUNS.c.id).where(RUNS.c.started_at.is_(None), RUNS.c.created_at < bindparam("before"))
_FORGET_ORDERS = delete(PARTS).where(PARTS.c.run.in_(_OLD))
_FORGET = delete(RUNS).where(RUNS.c.started_at.is_(None), RUNS.c.created_at < bindparam("before"))


class Bulk(Access):
    """`oms.ports.bulk.Bulk` on SQL."""

    def add(self, run: BulkRun, orders: Sequence[BulkOrder]) -> int:
        """A new run with its orders."""
        values = {name: getattr(run, name) for name in BulkRun.__slots__ if name != "id"} | {"roles": " ".join(run.roles)}
        number = self._insert(_ADD, values)
        if number and orders:
            kept = ("order", "outcome", "attempts", "trigger", "state", "said")
            rows: list[Values] = [{"run": number, "next_at": run.created_at} | {name: getattr(each, name) for name in kept} for each in orders]
            self._run(_ADD_ORDERS, rows)
        return number

    def get(self, run: int) -> BulkRun:
        """One run."""
        row = self._first(_GET, {"wanted": run})
        if row is None:
            raise NotFound("Nothing of this number was done to many orders.")
        return _run(row)

    def keyed(self, key: str) -> BulkRun | None:
        """The run that this form made."""
        row = self._first(_KEYED, {"wanted": key})
        return _run(row) if row else None

    def started(self, store: str, *, limit: int) -> list[BulkRun]:
        """Those that were started."""
        return [_run(row) for row in self._all(_LIST, {"in_store": store, "most": limit})]

    def standing(self, orders: Sequence[int]) -> dict[int, tuple[int, tuple[str, ...]]]:
        """Versions and states."""
        versions: dict[int, int] = {}
        states: dict[int, list[str]] = defaultdict(list)
        for first in range(0, len(orders), _AT_ONCE):
            found = self._wire.connection.execute(_STANDING.where(ORDERS.c.id.in_(orders[first : first + _AT_ONCE])))
            for order, version, state in found:
                versions[order] = version
                states[order].append(state)
        return {order: (version, tuple(states[order])) for order, version in versions.items()}

    def versions(self, run: int) -> list[int]:
        """Of those still to be done."""
        return [row[0] for row in self._all(_VERSIONS, {"wanted": run})]

    def start(self, run: BulkRun) -> bool:
        """From a draft."""
        said = {"actor": run.actor, "roles": " ".join(run.roles), "reason": run.reason, "payload": run.payload, "started_at": run.started_at}
        return self._run(_START, {"wanted": run.id} | {f"new_{name}": value for name, value in said.items()}).rowcount == 1

    def stop(self, run: int, *, by: str, at: datetime) -> bool:
        """What is not done yet stays so."""
        return self._run(_STOP, {"wanted": run, "by": by, "at": at}).rowcount == 1

    def is_running(self, run: int | None = None) -> bool:
        """This one, or any."""
        return bool(self._all(_RUNNING) if run is None else self._all(_THIS_RUNNING, {"wanted": run}))

    def finish(self, *, at: datetime) -> None:
        """Nothing is left to do."""
        self._run(_FINISH, {"at": at})

    def due(self, now: datetime, *, limit: int) -> list[BulkOrder]:
        """Run by run."""
        return [_part(row) for row in self._all(_DUE, {"now": now, "most": limit})]

    def claim(self, order: BulkOrder, *, now: datetime, again: datetime) -> bool:
        """Count an attempt."""
        return self._run(_CLAIM, {"of_run": order.run, "of_order": order.order, "now": now, "again": again}).rowcount == 1

    def settle(self, order: BulkOrder) -> bool:
        """Write what came of it."""
        said = {f"new_{name}": getattr(order, name) for name in ("outcome", "trigger", "state", "said")}
        return self._run(_SETTLE, {"of_run": order.run, "of_order": order.order} | said).rowcount == 1

    def tally(self, run: int) -> list[Tallied]:
        """How many had which result."""
        return [Tallied(*row) for row in self._all(_TALLY, {"wanted": run})]

    def orders(self, run: int, *, after: int, limit: int) -> list[BulkOrder]:
        """Those that did not move first."""
        return [_part(row) for row in self._all(_ORDERS, {"wanted": run, "most": limit, "skip": after})]

    def papers(self, run: int) -> list[tuple[Document, DocumentFile | None]]:
        """What its triggers issued."""
        width = len(INVOICE_COLUMNS)
        rows = self._all(_PAPERS, {"wanted": run})
        return [(Document(*row[:width]), DocumentFile(*row[width:]) if row[width] is not None else None) for row in rows]

    def forget(self, *, before: datetime) -> int:
        """Old drafts."""
        self._run(_FORGET_ORDERS, {"before": before})
        return self._run(_FORGET, {"before": before}).rowcount


def _run(row: Any) -> BulkRun:
    return BulkRun(**{**dict(zip(BulkRun.__slots__, row, strict=True)), "roles": tuple(row.roles.split())})


def _part(row: Any) -> BulkOrder:
    return BulkOrder(**dict(zip(BulkOrder.__slots__, row, strict=True)))

"""How many open items stand where, and since when (rule 40): counted now and then, never inside a trigger, which would serialise all orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import bindparam, case, delete, false, func, select
from sqlalchemy.dialects.postgresql import insert  # SQLite writes ON CONFLICT alike

from oms.ports.operations import BANDS, StateCount
from oms.store.access import Access
from oms.store.held import OF_ORDER, VERSIONS
from oms.store.items import ITEMS
from oms.store.orders import ORDERS
from oms.store.tables import StateCountRow, table_of

COUNTS = table_of(StateCountRow)

_KEY = ("store", "process", "state", "band")
_NEW = insert(COUNTS)
_WRITE = _NEW.on_conflict_do_update(
    index_elements=[COUNTS.c[name] for name in _KEY], set_={name: _NEW.excluded[name] for name in ("items", "oldest_at", "counted_at")}
)
_GONE = delete(COUNTS).where(COUNTS.c.counted_at < bindparam("before"))
_BAND = case(*((ITEMS.c.entered_at > bindparam(f"since{place}"), place) for place in range(len(BANDS))), else_=len(BANDS)).label("band")
_EACH = (
    select(ORDERS.c.store, VERSIONS.c.name, ITEMS.c.state, _BAND, ITEMS.c.entered_at)
    .join(ORDERS, ORDERS.c.id == ITEMS.c.order)
    .join(VERSIONS, OF_ORDER)
    .where(ITEMS.c.final == false())
    .subquery()
)
_OF_EACH = (_EACH.c.store, _EACH.c.name, _EACH.c.state, _EACH.c.band)
_COUNT = select(*_OF_EACH, func.count(), func.min(_EACH.c.entered_at)).group_by(*_OF_EACH)
_TOLD = select(*(COUNTS.c[name] for name in StateCount.__slots__))
_OF = _TOLD.where(COUNTS.c.store == bindparam("of_store")).order_by(COUNTS.c.state, COUNTS.c.band)


class Counts(Access):
    """`oms.ports.operations.Counts` on SQL."""

    def taken(self, now: datetime) -> list[StateCount]:
        """Count now: one GROUP BY over the index of what is open."""
        bands = {f"since{place}": now - limit for place, limit in enumerate(BANDS)}
        counted = ((*row, now) for row in self._all(_COUNT, bands))
        return [StateCount(*values) for values in counted]

    def keep(self, counts: Sequence[StateCount], *, at: datetime) -> None:
        """Instead of what was counted before."""
        if counts:
            self._run(_WRITE, [asdict(count) for count in counts])
        self._run(_GONE, {"before": at})

    def of(self, store: str) -> list[StateCount]:
        """As they were counted last."""
        return [StateCount(*row) for row in self._all(_OF, {"of_store": store})]

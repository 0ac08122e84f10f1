"""Where the units of an order stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, false, func, insert, select, update

from oms.ports.drafts import NewItem
from oms.ports.records import Item
from oms.store.access import Access
from oms.store.incidents import INCIDENTS
from oms.store.orders import ORDERS
from oms.store.tables import ItemRow, table_of

ITEMS = table_of(ItemRow)

COLUMNS = (
    ITEMS.c.id,
    ITEMS.c.order,
    ITEMS.c.line,
    ITEMS.c.part,
    ITEMS.c.quantity,
    ITEMS.c.state,
    ITEMS.c.entered_at,
    ITEMS.c.moves,
    ITEMS.c.seq,
    ITEMS.c.look_at,
    ITEMS.c.look_pause,
    ITEMS.c.attempts,
    ITEMS.c.error,
    ITEMS.c.ref,
    ITEMS.c.split_from,
)
"""In the order of `Item`'s fields."""

ITEMS_OF = select(*COLUMNS).where(ITEMS.c.order == bindparam("wanted")).order_by(ITEMS.c.line, ITEMS.c.part)
_ADD = insert(ITEMS)
_NAMED = ITEMS.c.id.in_(bindparam("ids", expanding=True))
_MOVE = (
    update(ITEMS)
    .where(_NAMED, ITEMS.c.state == bindparam("source"))
    .values(
        state=bindparam("target"),
        final=bindparam("is_final"),
        entered_at=bindparam("at"),
        moves=ITEMS.c.moves + 1,
        seq=ITEMS.c.seq + 1,
        look_at=bindparam("look"),
        look_pause=None,
        attempts=0,
        error=None,
    )
)
_COUNT = update(ITEMS).where(_NAMED, ITEMS.c.state == bindparam("source")).values(seq=ITEMS.c.seq + 1)
_LOOK = (
    update(ITEMS).where(_NAMED).values(look_at=bindparam("at"), look_pause=bindparam("pause"), attempts=bindparam("tried"), error=bindparam("why"))
)
_SHRINK = (
    update(ITEMS).where(ITEMS.c.id == bindparam("wanted"), ITEMS.c.quantity > bindparam("less")).values(quantity=ITEMS.c.quantity - bindparam("less"))
)
_LATE = (
    select(*COLUMNS)
    .join(ORDERS, ORDERS.c.id == ITEMS.c.order)
    .where(
        ORDERS.c.version == bindparam("of_version"),
        ITEMS.c.state == bindparam("in_state"),
        ITEMS.c.final == false(),
        ITEMS.c.entered_at < bindparam("before"),
        ~select(INCIDENTS.c.id).where(INCIDENTS.c.item == ITEMS.c.id, INCIDENTS.c.kind == "late", INCIDENTS.c.closed_at.is_(None)).exists(),
    )
    .limit(1000)
)
_LAST_PART = select(func.max(ITEMS.c.part)).where(ITEMS.c.order == bindparam("wanted"), ITEMS.c.line == bindparam("in_line"))


class Items(Access):
    """`oms.ports.orders.Items` on SQL."""

    def of(self, order: int) -> list[Item]:
        """By line and part."""
        return [Item(*row) for row in self._all(ITEMS_OF, {"wanted": order})]

    def add(self, items: Sequence[NewItem]) -> list[Item]:
        """New items, in the order given."""
        self._run(_ADD, [_values(item) for item in items])
        return self.of(items[0].order)

    def split(self, item: Item, *, quantity: int, final: bool) -> Item:
        """Cut `quantity` units off into a new item that stands where the old one stands."""
        if self._run(_SHRINK, {"wanted": item.id, "less": quantity}).rowcount != 1:
            raise ValueError(f"item {item.label} has no {quantity} units to spare")
        part = int(self._one(_LAST_PART, {"wanted": item.order, "in_line": item.line})[0]) + 1
        new = replace(item, part=part, quantity=quantity, seq=0, look_pause=None, attempts=0, error=None, split_from=item.id)
        values = {name: getattr(new, name) for name in Item.__slots__ if name != "id"} | {"final": final}
        return replace(new, id=self._insert(_ADD, values))

    def move(self, items: Sequence[Item], *, target: str, final: bool, at: datetime, look_at: datetime | None) -> int:
        """To another state, if they still stand where they stood."""
        named = {"ids": [item.id for item in items], "source": items[0].state}
        return self._run(_MOVE, {**named, "target": target, "is_final": final, "at": at, "look": look_at}).rowcount

    def count(self, items: Sequence[Item]) -> int:
        """One more history row for each."""
        return self._run(_COUNT, {"ids": [item.id for item in items], "source": items[0].state}).rowcount

    def late(self, version: int, state: str, *, before: datetime) -> list[Item]:
        """At most 1,000 items that entered this state earlier and have no open incident for it."""
        return [Item(*row) for row in self._all(_LATE, {"of_version": version, "in_state": state, "before": before})]

    def look(self, items: Sequence[int], *, at: datetime | None, pause: int | None = None, attempts: int = 0, error: str | None = None) -> None:
        """When the worker looks at them next."""
        self._run(_LOOK, {"ids": list(items), "at": at, "pause": pause, "tried": attempts, "why": error})


def _values(item: NewItem) -> dict[str, Any]:
    return {
        "order": item.order,
        "line": item.line,
        "part": 0,
        "quantity": item.quantity,
        "state": item.state,
        "final": item.final,
        "entered_at": item.entered_at,
        "moves": 0,
        "seq": 0,
        "look_at": item.look_at,
        "look_pause": None,
        "attempts": 0,
        "error": None,
        "ref": item.ref,
        "split_from": None,
    }

"""Orders, and what never changes about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore  # SQLite writes ON CONFLICT alike

from oms.errors import NotFound
from oms.orders.words import words_of
from oms.ports.drafts import NewOrder
from oms.ports.records import OrderHead
from oms.store.access import Access
from oms.store.prepared import Statement, Values
from oms.store.tables import LineRow, OrderRow, OrderWordRow, table_of
from oms.store.types import UTCDateTime

ORDERS, LINES, WORDS = table_of(OrderRow), table_of(LineRow), table_of(OrderWordRow)

_HEAD = select(
    ORDERS.c.id,
    ORDERS.c.store,
    ORDERS.c.reference,
    ORDERS.c.version,
    ORDERS.c.currency,
    ORDERS.c.locale,
    ORDERS.c.placed_at,
    ORDERS.c.last_at,
    ORDERS.c.held,
    ORDERS.c.attention,
)
HEAD_OF = _HEAD.where(ORDERS.c.id == bindparam("wanted"))
_NAMED = _HEAD.where(ORDERS.c.reference == bindparam("wanted"))
_MENTIONED = _HEAD.where(ORDERS.c.reference.in_(bindparam("these", expanding=True))).order_by(ORDERS.c.id)
_NAMED_IN_STORE = _NAMED.where(ORDERS.c.store == bindparam("in_store"))


def _locking(statement: Select[Any]) -> tuple[Select[Any], Select[Any]]:
    """For a file, where the transaction has the lock already, and for a server: it says what time it is once the row is ours."""
    locked = statement.with_for_update().cte("locked")
    return statement, select(*locked.c, func.clock_timestamp(type_=UTCDateTime()).label("now"))


_LOCK, _LOCK_IN_STORE, _LOCK_BY_ID = (_locking(statement) for statement in (_NAMED, _NAMED_IN_STORE, HEAD_OF))
_PLACED = select(ORDERS.c.id, ORDERS.c.placed_document).where(ORDERS.c.store == bindparam("in_store"), ORDERS.c.reference == bindparam("wanted"))
DOCUMENT_OF = select(ORDERS.c.document).where(ORDERS.c.id == bindparam("wanted"))
SHARES_OF = select(LINES.c.line, LINES.c.shares).where(LINES.c.order == bindparam("wanted")).order_by(LINES.c.line)
_ADD = insert_or_ignore(ORDERS).on_conflict_do_nothing()
_ADD_LINES = insert(LINES)
_ADD_WORDS = insert(WORDS)
_FORGET_WORDS = delete(WORDS).where(WORDS.c.order == bindparam("wanted"))
_ONE = update(ORDERS).where(ORDERS.c.id == bindparam("wanted"))
_TOUCH = _ONE.values(last_at=bindparam("at"))
_CORRECT = _ONE.values(document=bindparam("text"), customer_name=bindparam("name"), customer_email=bindparam("email"))
_HOLD = _ONE.values(held=bindparam("reason"))
_MARK = _ONE.values(attention=bindparam("on"))


class Orders(Access):
    """`oms.ports.orders.Orders` on SQL."""

    def lock(self, reference: str, *, store: str | None = None) -> OrderHead:
        """The order, locked until the transaction ends."""
        return self._only((_LOCK if store is None else _LOCK_IN_STORE)[self._wire.is_far], reference, store)

    def named(self, reference: str, *, store: str | None = None) -> OrderHead:
        """The order as it stands."""
        return self._only(_NAMED if store is None else _NAMED_IN_STORE, reference, store)

    def mentioned(self, references: Sequence[str], *, store: str | None) -> list[OrderHead]:
        """Those that have one of these references."""
        return [self._head(row) for row in self._all_of(_MENTIONED, references) if store in (None, row.store)]

    def _only(self, statement: Statement, reference: str, store: str | None) -> OrderHead:
        rows = self._all(statement, {"wanted": reference} if store is None else {"wanted": reference, "in_store": store})
        if not rows:
            raise NotFound(f'There is no order "{reference[:80]}"{f" in store {store}" if store else ""}. `oms order list` shows what there is.')
        if len(rows) > 1:
            stores = ", ".join(sorted(row.store for row in rows))
            raise NotFound(f'The reference "{reference[:80]}" exists in several stores: {stores}. Name the store.')
        return self._head(rows[0])

    def lock_id(self, order: int) -> OrderHead:
        """The order, locked until the transaction ends."""
        row = self._first(_LOCK_BY_ID[self._wire.is_far], {"wanted": order})
        if row is None:
            raise NotFound(f"There is no order with id {order}.")
        return self._head(row)

    def _head(self, row: Any) -> OrderHead:
        width = len(_HEAD.selected_columns)
        if len(row) > width:
            self._wire.now = row.now
        return OrderHead(*row[:width])

    def get(self, order: int) -> OrderHead:
        """The order as it stands."""
        return OrderHead(*self._one(HEAD_OF, {"wanted": order}))

    def find(self, reference: str, *, store: str) -> tuple[int, str] | None:
        """Id of the order and its document as it was placed."""
        row = self._first(_PLACED, {"wanted": reference, "in_store": store})
        return (row.id, row.placed_document) if row else None

    def add(self, order: NewOrder) -> OrderHead | None:
        """A new order with its lines. None: its reference was taken, just now by another host."""
        values = {
            "store": order.store,
            "reference": order.reference,
            "version": order.version,
            "locale": order.locale,
            "currency": order.currency,
            "customer_name": order.customer_name,
            "customer_email": order.customer_email,
            "gross_minor": order.gross_minor,
            "document": order.document,
            "placed_document": order.document,
            "placed_at": order.at,
            "last_at": order.at,
            "held": None,
            "attention": False,
        }
        number = self._insert(_ADD, values)
        if not number:
            return None
        lines: list[Values] = [
            {"order": number, "line": line, "sku": sku, "quantity": quantity, "shares": shares}
            for line, (sku, quantity, shares) in enumerate(order.lines, start=1)
        ]
        self._run(_ADD_LINES, lines)
        self._add_words(number, order.reference, order.customer_name, order.customer_email)
        return OrderHead(number, order.store, order.reference, order.version, order.currency, order.locale, order.at, order.at, None, False)

    def document(self, order: int) -> str:
        """The order document as it stands."""
        return str(self._one(DOCUMENT_OF, {"wanted": order})[0])

    def shares(self, order: int) -> Mapping[int, str]:
        """Line to the JSON text of its share of order-level amounts."""
        return {row.line: row.shares for row in self._all(SHARES_OF, {"wanted": order})}

    def correct(self, order: int, *, document: str, customer_name: str, customer_email: str | None) -> None:
        """Write a corrected document."""
        self._run(_CORRECT, {"wanted": order, "text": document, "name": customer_name, "email": customer_email})
        self._run(_FORGET_WORDS, {"wanted": order})
        self._add_words(order, self.get(order).reference, customer_name, customer_email)

    def _add_words(self, order: int, reference: str, name: str, email: str | None) -> None:
        self._run_later(_ADD_WORDS, [{"word": word, "order": order} for word in words_of(reference, name, email)])

    def touch(self, order: int, *, at: datetime) -> None:
        """Something happened."""
        self._run_later(_TOUCH, {"wanted": order, "at": at})

    def hold(self, order: int, *, reason: str | None) -> None:
        """Hold or release."""
        self._run(_HOLD, {"wanted": order, "reason": reason})

    def mark(self, order: int, *, attention: bool) -> None:
        """Whether incidents may be open."""
        self._run(_MARK, {"wanted": order, "on": attention})

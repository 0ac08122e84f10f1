"""How each paper stands, written down beside it (`invoice_standing`) in the transaction that changes it, and what lists ask of that.

So a list of what is overdue needs not look at what was paid long ago. What is overdue depends on the day: that is asked when a list is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Subquery, and_, bindparam, case, func, literal, not_, or_, select, true
from sqlalchemy.dialects.postgresql import Insert, insert  # SQLite writes ON CONFLICT alike
from sqlalchemy.engine import Connection

from oms.invoicing import INVOICE
from oms.ports.operations import StandingCount
from oms.ports.views import InvoiceFilter, InvoiceSums
from oms.store.access import Access
from oms.store.papers import INVOICES
from oms.store.reckoning import CREDITED, OWING, PAID, reckoned
from oms.store.tables import StandingRow, table_of
from oms.store.types import WHOLE

STANDINGS = table_of(StandingRow)


def _said(anew: Subquery) -> Insert:
    """Write down what was reckoned, where it is not written down already."""
    columns = [column.name for column in STANDINGS.c]
    new = insert(STANDINGS).from_select(columns, select(*(anew.c[name] for name in columns)).where(true()))  # SQLite's parser wants one
    changes = {name: new.excluded[name] for name in ("state", "open_minor", "paid_minor")}
    differs = or_(*(STANDINGS.c[name] != said for name, said in changes.items()))
    return new.on_conflict_do_update(index_elements=[STANDINGS.c.invoice], set_=changes, where=differs)


_RESTATE = _said(reckoned(order=bindparam("wanted", type_=WHOLE)))
_REALLY = reckoned()
_SAME = and_(*(STANDINGS.c[name] == _REALLY.c[name] for name in ("invoice", "state", "open_minor", "paid_minor")))
_WRONG = (
    select(INVOICES.c.series, INVOICES.c.number)
    .join(_REALLY, _REALLY.c.invoice == INVOICES.c.id)
    .where(not_(select(STANDINGS.c.invoice).where(_SAME).exists()))
    .order_by(INVOICES.c.id)
)


class Standings(Access):
    """`oms.ports.papers.Standings` on SQL."""

    def restate(self) -> None:
        """Of all orders whose papers or money this transaction changed. Called at its end."""
        for order in sorted(self._wire.unsettled):
            self._run_later(_RESTATE, {"wanted": order})

    def wrong(self) -> list[tuple[str, str]]:
        """Series and number, oldest first."""
        return [(row.series, row.number) for row in self._all(_WRONG)]


def restate_all(connection: Connection) -> None:
    """How all papers stand, as after each upgrade: a second for a hundred thousand."""
    connection.execute(_said(reckoned()))


def is_in(wanted: InvoiceFilter) -> ColumnElement[bool]:
    """That a paper is in the payment state that is wanted."""
    owes, is_late = STANDINGS.c.state == OWING, STANDINGS.c.due_on < _today(wanted)
    in_time = or_(STANDINGS.c.due_on.is_(None), not_(is_late))
    clauses: Mapping[str | None, ColumnElement[bool]] = {
        "paid": STANDINGS.c.state == PAID,
        "credited": STANDINGS.c.state == CREDITED,
        "overdue": and_(owes, is_late),
        "partly paid": and_(owes, in_time, STANDINGS.c.paid_minor > 0),
        "open": and_(owes, in_time, STANDINGS.c.paid_minor == 0),
    }
    return clauses[wanted.payment_state]


def sums(connection: Connection, wanted: InvoiceFilter, clauses: Sequence[ColumnElement[bool]]) -> list[InvoiceSums]:
    """What the invoices that are wanted come to, by currency.

    Args:
        connection: To read from.
        wanted: Of which store, in which payment state, and what day it is.
        clauses: Which papers are wanted besides, by columns of `invoice_standing`.
    """
    overdue = case((and_(STANDINGS.c.state == OWING, STANDINGS.c.due_on < _today(wanted)), STANDINGS.c.open_minor), else_=0)
    amounts = (func.sum(each) for each in (STANDINGS.c.open_minor, overdue, STANDINGS.c.paid_minor))
    query = select(STANDINGS.c.currency, func.count(), *amounts).where(STANDINGS.c.kind == INVOICE, *clauses)
    if wanted.store is not None:
        query = query.where(STANDINGS.c.store == wanted.store)
    if wanted.payment_state is not None:
        query = query.where(is_in(wanted))
    rows = connection.execute(query.group_by(STANDINGS.c.currency).order_by(STANDINGS.c.currency))
    return [InvoiceSums(currency, number, *map(int, amounts)) for currency, number, *amounts in rows]


def counts(connection: Connection, today: Mapping[str, date]) -> list[StandingCount]:
    """What all invoices come to, by store, currency, and how they stand; `today` as that of `InvoiceFilter`."""
    late = STANDINGS.c.due_on < _today(InvoiceFilter(today=today))
    owing = case((late, "overdue"), (STANDINGS.c.paid_minor > 0, "partly paid"), else_="open")
    state = case((STANDINGS.c.state == OWING, owing), else_=STANDINGS.c.state).label("state")
    named = (STANDINGS.c.store, STANDINGS.c.currency, STANDINGS.c.open_minor, STANDINGS.c.paid_minor)
    each = select(*named, state).where(STANDINGS.c.kind == INVOICE).subquery("each")
    alike = (each.c.store, each.c.currency, each.c.state)
    query = select(*alike, func.count(), func.sum(each.c.open_minor), func.sum(each.c.paid_minor)).group_by(*alike).order_by(*alike)
    return [
        StandingCount(store, currency, state, number, *map(int, amounts)) for store, currency, state, number, *amounts in connection.execute(query)
    ]


def _today(wanted: InvoiceFilter) -> ColumnElement[Any]:
    """The day that it is in the paper's store."""
    days = {name: day for name, day in wanted.today.items() if name and day != wanted.today[""]}
    elsewhere = literal(wanted.today[""], Date)
    if wanted.store is not None:
        return literal(days[wanted.store], Date) if wanted.store in days else elsewhere
    return case(*((STANDINGS.c.store == name, literal(day, Date)) for name, day in days.items()), else_=elsewhere) if days else elsewhere

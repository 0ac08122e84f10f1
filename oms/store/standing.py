"""How invoices stand, for all of them at once: the one place where SQL says what `oms.engine.ledger` says of one order. Read from indexes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Select, Subquery, and_, case, cast, func, literal, or_, select
from sqlalchemy.engine import Connection

from oms.invoicing import INVOICE
from oms.ports.operations import StandingCount
from oms.ports.views import InvoiceFilter, InvoiceSums
from oms.store.papers import INVOICES
from oms.store.payments import COUNTED, PAYMENTS
from oms.store.types import WHOLE


def standing(wanted: InvoiceFilter, clauses: Sequence[ColumnElement[bool]] = ()) -> Subquery:
    """A row for each invoice: its id, what is open, paid and overdue of it, and its payment state.

    Args:
        wanted: Of which store, and what day it is.
        clauses: Which papers are wanted besides, by columns of `invoice` alone: only their orders are reckoned.
    """
    orders = select(INVOICES.c.order).where(*clauses) if clauses else None
    asked = _asked(orders, wanted.store)
    before = func.sum(_positive(asked.c.asked)).over(partition_by=asked.c.order, order_by=asked.c.id, rows=(None, -1))
    paid = paid_of(orders)
    left = func.coalesce(paid.c.paid, 0) - func.coalesce(before, 0)
    filled = case((left <= 0, 0), (left < _positive(asked.c.asked), left), else_=_positive(asked.c.asked))
    of_order = and_(paid.c.order == asked.c.order, paid.c.currency == asked.c.currency)
    rows = select(*asked.c, filled.label("filled")).select_from(asked.outerjoin(paid, of_order)).subquery("filled")
    still_open = _positive(rows.c.asked) - rows.c.filled
    state = case(
        (and_(rows.c.payable > 0, rows.c.asked <= 0), "credited"),
        (still_open <= 0, "paid"),
        (rows.c.due_on < _today(wanted, rows.c.store), "overdue"),
        (still_open < rows.c.asked, "partly paid"),
        else_="open",
    )
    return select(rows.c.id, rows.c.store, rows.c.currency, rows.c.filled, still_open.label("open"), state.label("state")).subquery("standing")


def in_state(wanted: InvoiceFilter, clauses: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """That a paper is in the payment state that is wanted. Of a credit note nothing is to be paid: it is `credited`."""
    stands = standing(wanted, clauses)
    found = INVOICES.c.id.in_(select(stands.c.id).where(stands.c.state == wanted.payment_state))
    return or_(found, INVOICES.c.kind != INVOICE) if wanted.payment_state == "credited" else found


def sums(connection: Connection, wanted: InvoiceFilter, clauses: Sequence[ColumnElement[bool]]) -> list[InvoiceSums]:
    """What the invoices that are wanted come to, by currency; arguments as those of `standing`."""
    stands = standing(wanted, clauses)
    overdue = case((stands.c.state == "overdue", stands.c.open), else_=0)
    amounts = (func.sum(each) for each in (stands.c.open, overdue, stands.c.filled))
    query = select(stands.c.currency, func.count(), *amounts)
    if clauses:
        query = query.where(stands.c.id.in_(select(INVOICES.c.id).where(*clauses)))
    if wanted.payment_state is not None:
        query = query.where(stands.c.state == wanted.payment_state)
    rows = connection.execute(query.group_by(stands.c.currency).order_by(stands.c.currency))
    return [InvoiceSums(currency, number, *map(int, amounts)) for currency, number, *amounts in rows]


def counts(connection: Connection, today: Mapping[str, date]) -> list[StandingCount]:
    """What all invoices come to, by store, currency, and how they stand; `today` as that of `InvoiceFilter`."""
    stands = standing(InvoiceFilter(today=today))
    alike = (stands.c.store, stands.c.currency, stands.c.state)
    query = select(*alike, func.count(), func.sum(stands.c.open), func.sum(stands.c.filled)).group_by(*alike).order_by(*alike)
    return [
        StandingCount(store, currency, state, number, *map(int, amounts)) for store, currency, state, number, *amounts in connection.execute(query)
    ]


def _asked(orders: Select[Any] | None, store: str | None) -> Subquery:
    """Invoice to what it asks for, its credit notes taken off: both have one key, the id of the invoice."""
    is_invoice = INVOICES.c.parent == ""
    payable = INVOICES.c.gross_minor + INVOICES.c.rounding_minor
    columns: dict[str, ColumnElement[Any]] = {
        "id": case((is_invoice, INVOICES.c.id), else_=cast(func.nullif(INVOICES.c.parent, ""), WHOLE)),
        "order": INVOICES.c.order,
        "currency": INVOICES.c.currency,
        "store": case((is_invoice, INVOICES.c.store)),
        "due_on": case((is_invoice, INVOICES.c.due_on)),
        "payable": case((is_invoice, payable), else_=0),
        "asked": case((is_invoice, payable), else_=-payable),
    }
    query = select(*(column.label(name) for name, column in columns.items()))
    if orders is not None:
        query = query.where(INVOICES.c.order.in_(orders))
    if store is not None:  # an order and its papers are of one store
        query = query.where(INVOICES.c.store == store)
    papers = query.subquery("papers")
    whole: dict[str, Callable[..., Any]] = {"currency": func.max, "store": func.max, "due_on": func.max, "payable": func.sum, "asked": func.sum}
    together = (of(papers.c[name]).label(name) for name, of in whole.items())
    return select(papers.c.id, papers.c.order, *together).group_by(papers.c.order, papers.c.id).subquery("asked")


def paid_of(orders: Select[Any] | Collection[int] | None) -> Subquery:
    """Order and currency to paid(order) of rule 1."""
    signed = case((PAYMENTS.c.kind == "payment", PAYMENTS.c.amount_minor), (PAYMENTS.c.kind == "refund", -PAYMENTS.c.amount_minor), else_=0)
    query = COUNTED.with_only_columns(PAYMENTS.c.order, PAYMENTS.c.currency, func.sum(signed).label("paid"))
    if orders is not None:
        query = query.where(PAYMENTS.c.order.in_(orders))
    return query.group_by(PAYMENTS.c.order, PAYMENTS.c.currency).subquery("paid")


def _positive(amount: ColumnElement[int]) -> ColumnElement[int]:
    return case((amount > 0, amount), else_=literal(0, Integer))


def _today(wanted: InvoiceFilter, store: ColumnElement[str]) -> ColumnElement[Any]:
    """The day that it is in the paper's store."""
    days = {name: day for name, day in wanted.today.items() if name and day != wanted.today[""]}
    elsewhere = literal(wanted.today[""], Date)
    return case(*((store == name, literal(day, Date)) for name, day in days.items()), else_=elsewhere) if days else elsewhere

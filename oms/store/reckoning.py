"""How invoices stand, reckoned from papers and payments: the one place where SQL says what `oms.engine.ledger` says of one order."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Subquery, and_, case, cast, func, literal, select, union_all

from oms.invoicing import INVOICE
from oms.store.papers import INVOICES
from oms.store.payments import COUNTED, PAYMENTS
from oms.store.types import WHOLE

OWING, PAID, CREDITED = "owing", "paid", "credited"


def reckoned(*, order: ColumnElement[int] | None = None) -> Subquery:
    """A row for each paper as `invoice_standing` should have it, of one order or of all: read from indexes."""
    asked = _asked(order)
    before = func.sum(_positive(asked.c.asked)).over(partition_by=asked.c.order, order_by=asked.c.invoice, rows=(None, -1))
    paid = _paid(order)
    left = func.coalesce(paid.c.paid, 0) - func.coalesce(before, 0)
    filled = case((left <= 0, 0), (left < _positive(asked.c.asked), left), else_=_positive(asked.c.asked))
    of_order = and_(paid.c.order == asked.c.order, paid.c.currency == asked.c.currency)
    rows = select(*asked.c, filled.label("paid_minor")).select_from(asked.outerjoin(paid, of_order)).subquery("filled")
    open_minor = _positive(rows.c.asked) - rows.c.paid_minor
    state = case((and_(rows.c.payable > 0, rows.c.asked <= 0), CREDITED), (open_minor <= 0, PAID), else_=OWING)
    fixed = (rows.c.store, literal(INVOICE).label("kind"), rows.c.currency, rows.c.issued_on, rows.c.due_on)
    invoices = select(rows.c.invoice, *fixed, state.label("state"), open_minor.label("open_minor"), rows.c.paid_minor)
    return union_all(invoices, _credit_notes(order)).subquery("reckoned")


def _asked(order: ColumnElement[int] | None) -> Subquery:
    """Invoice to what it asks for, its credit notes taken off: both have one key, the id of the invoice."""
    is_invoice = INVOICES.c.parent == ""
    payable = INVOICES.c.gross_minor + INVOICES.c.rounding_minor
    columns: dict[str, ColumnElement[Any]] = {
        "invoice": case((is_invoice, INVOICES.c.id), else_=cast(func.nullif(INVOICES.c.parent, ""), WHOLE)),
        "order": INVOICES.c.order,
        "currency": INVOICES.c.currency,
        "store": case((is_invoice, INVOICES.c.store)),
        "issued_on": case((is_invoice, INVOICES.c.issued_on)),
        "due_on": case((is_invoice, INVOICES.c.due_on)),
        "payable": case((is_invoice, payable), else_=0),
        "asked": case((is_invoice, payable), else_=-payable),
    }
    papers = _of(order, select(*(column.label(name) for name, column in columns.items())), INVOICES.c.order).subquery("papers")
    same = (func.max(papers.c[name]).label(name) for name in ("currency", "store", "issued_on", "due_on"))
    added = (func.sum(papers.c[name]).label(name) for name in ("payable", "asked"))
    return select(papers.c.invoice, papers.c.order, *same, *added).group_by(papers.c.order, papers.c.invoice).subquery("asked")


def _credit_notes(order: ColumnElement[int] | None) -> Select[Any]:
    """Of a credit note nothing is to be paid."""
    fixed = (INVOICES.c.store, INVOICES.c.kind, INVOICES.c.currency, INVOICES.c.issued_on, INVOICES.c.due_on)
    amounts = (literal(CREDITED).label("state"), literal(0, Integer).label("open_minor"), literal(0, Integer).label("paid_minor"))
    return _of(order, select(INVOICES.c.id.label("invoice"), *fixed, *amounts).where(INVOICES.c.parent != ""), INVOICES.c.order)


def _paid(order: ColumnElement[int] | None) -> Subquery:
    """Order and currency to paid(order) of rule 1."""
    signed = case((PAYMENTS.c.kind == "payment", PAYMENTS.c.amount_minor), (PAYMENTS.c.kind == "refund", -PAYMENTS.c.amount_minor), else_=0)
    query = _of(order, COUNTED.with_only_columns(PAYMENTS.c.order, PAYMENTS.c.currency, func.sum(signed).label("paid")), PAYMENTS.c.order)
    return query.group_by(PAYMENTS.c.order, PAYMENTS.c.currency).subquery("paid")


def _of(order: ColumnElement[int] | None, query: Select[Any], its: ColumnElement[Any]) -> Select[Any]:
    return query if order is None else query.where(its == order)


def _positive(amount: ColumnElement[int]) -> ColumnElement[int]:
    return case((amount > 0, amount), else_=literal(0, Integer))

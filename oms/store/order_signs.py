"""Whether an order is still as it was shown: a few numbers, one question. `OrderView.signs` says the same of what was read."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, FromClause, ScalarSelect, func, select

from oms.store.history import NOTES, TRIGGERS
from oms.store.incidents import INCIDENTS
from oms.store.mails import MESSAGES, RECIPIENTS
from oms.store.orders import ORDERS
from oms.store.papers import FILES, INVOICES, PAPER_FILES, PAPERS
from oms.store.turns import JOBS

_ID = ORDERS.c.id


def _number(found: ColumnElement[int], where: FromClause, *clauses: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.coalesce(found, 0)).select_from(where).where(*clauses).correlate(ORDERS).scalar_subquery()


_SIGNS = (
    _number(func.max(TRIGGERS.c.id), TRIGGERS, TRIGGERS.c.order == _ID),
    _number(
        func.count(), RECIPIENTS.join(MESSAGES, MESSAGES.c.id == RECIPIENTS.c.message), MESSAGES.c.order == _ID, RECIPIENTS.c.status == "pending"
    ),
    _number(func.count(), FILES.join(INVOICES, INVOICES.c.id == FILES.c.invoice), INVOICES.c.order == _ID, FILES.c.kind == "pdf"),
    _number(func.count(), PAPER_FILES.join(PAPERS, PAPERS.c.id == PAPER_FILES.c.paper), PAPERS.c.order == _ID, PAPER_FILES.c.kind == "pdf"),
    _number(func.count(), NOTES, NOTES.c.order == _ID),
    _number(func.count(), INCIDENTS, INCIDENTS.c.order == _ID, INCIDENTS.c.closed_at.is_(None)),
    _number(func.sum(JOBS.c.claims), JOBS, JOBS.c.order == _ID),
    _number(func.count(JOBS.c.error), JOBS, JOBS.c.order == _ID),
)


def signs_of(connection: Connection, reference: str, *, store: str) -> tuple[int, ...] | None:
    """The signs of an order of a store; None: there is none."""
    row = connection.execute(select(*_SIGNS).select_from(ORDERS).where(ORDERS.c.reference == reference, ORDERS.c.store == store)).first()
    return tuple(int(each) for each in row) if row else None

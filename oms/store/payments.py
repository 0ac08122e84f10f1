"""Money that came or was ordered to go back."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, not_, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore  # SQLite writes ON CONFLICT alike

from oms.errors import Conflict
from oms.money import format_minor
from oms.ports.drafts import NewPayment
from oms.ports.records import Payment
from oms.store.access import Access
from oms.store.tables import PaymentRow, table_of
from oms.store.turns import JOBS
from oms.store.wire import Wire

PAYMENTS = table_of(PaymentRow)

PAYMENT_COLUMNS = tuple(PAYMENTS.c[name] for name in Payment.__slots__)

_GIVEN_UP = or_(
    JOBS.c.status == "dead",
    and_(JOBS.c.status == "dropped", JOBS.c.attempts == 0),  # one that was tried may have taken effect
    and_(JOBS.c.status != "done", JOBS.c.result.is_not(None), JOBS.c.then.is_(None), JOBS.c.on_error.is_not(None)),
)
"""A refund that won't happen: its job is dead, or only its `on_error` is still to be repeated."""
COUNTED = select(*PAYMENT_COLUMNS).outerjoin(JOBS, JOBS.c.id == PAYMENTS.c.job).where(or_(JOBS.c.id.is_(None), not_(_GIVEN_UP)))
"""All that came, and all that went back or is to."""
PAYMENTS_OF = COUNTED.where(PAYMENTS.c.order == bindparam("wanted")).order_by(PAYMENTS.c.id)
_FIND = select(PAYMENTS.c.order, PAYMENTS.c.amount_minor).where(
    PAYMENTS.c.provider == bindparam("from_provider"), PAYMENTS.c.reference == bindparam("wanted"), PAYMENTS.c.kind == bindparam("of_kind")
)
_BOOKED_AS = select(*PAYMENT_COLUMNS).where(
    PAYMENTS.c.provider == bindparam("from_provider"), PAYMENTS.c.reference == bindparam("wanted"), PAYMENTS.c.kind == "payment"
)
_CAME_BY = select(PAYMENTS.c.id).where(PAYMENTS.c.message == bindparam("wanted"))
_ADD = insert_or_ignore(PAYMENTS).on_conflict_do_nothing()


class Payments(Access):
    """`oms.ports.papers.Payments` on SQL."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire)
        self.booked = False

    def of(self, order: int) -> list[Payment]:
        """All that count: a refund whose job is dead does not (rule 1)."""
        return [Payment(*row) for row in self._all(PAYMENTS_OF, {"wanted": order})]

    def add(self, payment: NewPayment) -> bool:
        """False: it is booked already, for this order."""
        if self._run(_ADD, {name: getattr(payment, name) for name in NewPayment.__slots__}).rowcount:
            self.booked = True
            self._wire.unsettled.add(payment.order)
            return True
        row = self._one(_FIND, {"from_provider": payment.provider, "wanted": payment.reference, "of_kind": payment.kind})
        if row.order != payment.order:
            raise Conflict(f'The {payment.kind} "{payment.reference[:80]}" is booked for another order: a reference belongs to one movement.')
        if row.amount_minor != payment.amount_minor:
            booked = format_minor(row.amount_minor, payment.currency)
            what = f'The {payment.kind} "{payment.reference[:80]}" is booked with {booked} {payment.currency}'
            raise Conflict(f"{what}: another amount needs another reference.")
        return False

    def booked_as(self, provider: str, reference: str) -> Payment | None:
        """The payment that is booked under this reference of a provider."""
        row = self._first(_BOOKED_AS, {"from_provider": provider, "wanted": reference})
        return Payment(*row) if row else None

    def came_by(self, message: int | None) -> bool:
        """Whether this message of the inbox reported a payment that is booked."""
        if message is None or self._first(_CAME_BY, {"wanted": message}) is None:
            return False
        self.booked = True
        return True

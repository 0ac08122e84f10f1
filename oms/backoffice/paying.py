"""POSTs of payments and refunds that somebody reports about an order: the same calls as the API's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from oms.backoffice.answering import Posted, Posts
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import plain_amount
from oms.engine.paying import Paid, record_payment
from oms.engine.refunding import record_refund

router = APIRouter(prefix="/stores/{store}/orders/{reference}", route_class=PageRoute)


@router.post("/payments", operation_id="recordPayment")
def record(at: Annotated[Posted, Depends(Posts("payments.record"))]) -> Response:
    """Book a payment, once per reference; the order goes on if it waited for it."""
    form, who = at.form, at.visitor
    paid = Paid(amount=plain_amount(form.one("amount")), reference=form.one("reference"), paid_on=form.said("paid_on"), reason=form.said("reason"))

    def act() -> Response:
        recorded = record_payment(at.shop.engine, at.reference, paid, actor=who.actor, store=who.store)
        return at.back(said="paid_before" if recorded.repeated else "paid_waits" if recorded.status == "waiting" else "paid")

    return at.attempt(act)


@router.post("/refunds", operation_id="recordRefund")
def refund(at: Annotated[Posted, Depends(Posts("payments.record"))]) -> Response:
    """Book that what was paid too much went back by hand."""

    def act() -> Response:
        form, who = at.form, at.visitor
        answer = record_refund(
            at.shop.engine,
            at.reference,
            form.one("reference"),
            actor=who.actor,
            store=who.store,
            key=form.said("key"),
            roles=who.caller.acts_as,
        )
        return at.back(done=answer.trigger)

    return at.attempt(act)

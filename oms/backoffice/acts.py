"""POSTs of what people do to an order besides its events: mend, hold, release, try again, skip, remark, mail a paper again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from oms.backoffice.answering import Noted, Posted, Posts
from oms.backoffice.dialogs import changes_of
from oms.backoffice.failures import PageRoute
from oms.backoffice.order import showing
from oms.engine.by_hand import comment
from oms.engine.care import correct, hold_order, release_order, retry_order, skip
from oms.engine.sending import Sending, order_sending

router = APIRouter(prefix="/stores/{store}/orders/{reference}", route_class=PageRoute)


@router.post("/mend", operation_id="correctOrder")
def mend(at: Annotated[Posted, Depends(Posts("orders.correct"))]) -> Response:
    """Mend name, address, VAT id, mail address; what failed for want of it is tried again at once."""
    reason, who = at.form.one("reason"), at.visitor
    changes = changes_of(showing(at.shop, who, at.reference).page.order, at.form)

    def act() -> Response:
        correct(at.shop.engine, at.reference, changes, actor=who.actor, reason=reason, store=who.store)
        return at.back(said="mended")

    return at.back() if not changes else at.attempt(act)


@router.post("/hold", operation_id="holdOrder")
def hold(at: Annotated[Posted, Depends(Posts("orders.hold"))]) -> Response:
    """Hold an order."""

    def act() -> Response:
        hold_order(at.shop.engine, at.reference, reason=at.form.one("reason"), actor=at.visitor.actor, store=at.visitor.store)
        return at.back(said="held")

    return at.attempt(act)


@router.post("/release", operation_id="releaseOrder")
def release(at: Annotated[Posted, Depends(Posts("orders.hold"))]) -> Response:
    """Let it go on."""

    def act() -> Response:
        release_order(at.shop.engine, at.reference, reason=at.form.one("reason"), actor=at.visitor.actor, store=at.visitor.store)
        return at.back(said="released")

    return at.attempt(act)


@router.post("/retry", operation_id="retryOrder")
def retry(at: Annotated[Posted, Depends(Posts("orders.retry"))]) -> Response:
    """Try again now what failed or was given up. A worker does it."""
    tried = retry_order(at.shop.engine, at.reference, actor=at.visitor.actor, store=at.visitor.store)
    return at.back(said="retried" if tried.items or tried.timers or tried.jobs else "retried_nothing")


@router.post("/skip", operation_id="skipJob")
def skip_job(at: Annotated[Posted, Depends(Posts("orders.skip"))]) -> Response:
    """Go on without a job that was given up."""

    def act() -> Response:
        who, form = at.visitor, at.form
        answer = skip(at.shop.engine, at.reference, actor=who.actor, reason=form.one("reason"), store=who.store, key=form.said("key"))
        return at.back(done=answer.trigger)

    return at.attempt(act)


@router.post("/comments", operation_id="comment")
def remark(at: Annotated[Posted, Depends(Posts("orders.comment"))]) -> Response:
    """Write a comment."""

    def write(noted: Noted) -> None:
        comment(at.shop.engine, at.reference, at.form.one("text"), actor=at.visitor.actor, store=at.visitor.store, noted=noted)

    def act() -> Response:
        at.once(write)
        return at.back(said="commented")

    return at.attempt(act)


@router.post("/send", operation_id="sendInvoice")
def send(at: Annotated[Posted, Depends(Posts("invoices.send"))]) -> Response:
    """Mail a paper of the order again: to its customer, or to the address that was typed."""
    paper = at.paper()
    sent: list[Sending] = []

    def post(noted: Noted) -> None:
        sent.append(order_sending(at.shop.engine, paper, address=at.form.said("address"), force=True, actor=at.visitor.actor, noted=noted))

    def act() -> Response:
        at.once(post)
        return at.back(said="sent")

    return at.attempt(act)

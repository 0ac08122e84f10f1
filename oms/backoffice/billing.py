"""An order's invoices by hand: how the next one would look, and a credit note over one that is there: the same calls as the API's and `oms`'."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from oms.api.entry import ShopHere
from oms.backoffice.answering import Posted, Posts
from oms.backoffice.failures import PageRoute
from oms.backoffice.paying import plain_amount
from oms.backoffice.visitor import Visitor, Visits
from oms.engine.amending import Amends, amend
from oms.errors import InvalidInput, Problem
from oms.lookup.preview import preview_pdf
from oms.money import parse_minor

router = APIRouter(prefix="/stores/{store}/orders/{reference}", route_class=PageRoute)


@router.get("/preview.pdf", operation_id="previewInvoice")
def preview(reference: str, visitor: Annotated[Visitor, Depends(Visits("invoices.issue"))], shop: ShopHere) -> Response:
    """The next invoice, marked as a preview."""
    _, data = preview_pdf(shop, reference, store=visitor.store)
    return Response(data, media_type="application/pdf", headers={"Content-Disposition": "inline", "Cache-Control": "no-store"})


@router.post("/credits", operation_id="creditInvoice")
def credit(at: Annotated[Posted, Depends(Posts("invoices.credit"))]) -> Response:
    """Take an invoice back: an amount of it, or all that is left."""
    paper, form = at.paper(), at.form

    def act() -> Response:
        amount, reason = form.said("amount"), form.said("reason")
        if reason is None:
            raise InvalidInput([Problem("reason", "is missing: say why in a few words.")])
        amends = Amends(amounts={0: _minor(amount, paper.currency)} if amount else {}, mail=bool(form.one("mail")))
        answer = amend(at.shop.engine, paper, amends, reason=reason, actor=at.visitor.actor, key=form.said("key"))
        return at.back(done=answer.trigger)

    return at.attempt(act)


def _minor(amount: str, currency: str) -> int:
    try:
        return parse_minor(plain_amount(amount), currency)
    except ValueError as error:
        raise InvalidInput([Problem("amount", str(error))]) from error

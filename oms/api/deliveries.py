"""`/api/v1/invoices/{number:paper}/deliveries`: the mails that carry a paper, and what became of each recipient."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from oms.api.addresses import Number
from oms.api.answers.papers import DeliveriesTold, DeliveryTold, ReachedTold
from oms.api.bodies import Body, body_of, described
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.invoices import paper_of
from oms.api.once import Once, OnceRoute, once_of
from oms.engine.sending import Sending, order_sending, sendings
from oms.ports.store import UnitOfWork
from oms.rights import Caller

router = APIRouter(prefix="/invoices/{number:paper}/deliveries", tags=["invoices"], route_class=OnceRoute)


class Posting(Body):
    """A paper is to be mailed."""

    address: str | None = Field(default=None, max_length=254, description="somebody else than the customer", examples=["books@example.com"])
    force: bool = Field(default=False, description="as a new mail, also if the customer has it")


@router.get("", operation_id="listDeliveries", responses=failing(404))
def deliveries(number: Number, shop: ShopHere, caller: Annotated[Caller, Depends(asks("invoices.read"))]) -> DeliveriesTold:
    """Who was to get this paper, and what the mail server said."""
    with shop.store.reading() as work:
        found = sendings(work, work.documents.numbered(number, store=caller.store))
    return DeliveriesTold(deliveries=[_told(each) for each in found])


@router.post(
    "",
    status_code=202,
    operation_id="sendInvoice",
    openapi_extra=described(Posting, {"force": True}),
    responses=failing(400, 404, 409, 413, 422) | {200: {"model": DeliveryTold, "description": "The customer has it: nothing is sent."}},
)
def deliver(
    number: Number,
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("invoices.send"))],
    wanted: Annotated[Posting, Depends(body_of(Posting))],
    once: Annotated[Once, Depends(once_of)],
    response: Response,
) -> DeliveryTold:
    """Let a worker send a paper. What its customer has is not sent again, unless by force or to another address."""

    def note(work: UnitOfWork, sending: Sending) -> None:
        once.note(work, _told(sending), status=_status(sending))

    paper = paper_of(shop, number, caller)
    sending = order_sending(shop.engine, paper, address=wanted.address, force=wanted.force, actor=caller.actor, noted=note)
    response.status_code = _status(sending)
    return _told(sending)


def _status(sending: Sending) -> int:
    return 202 if sending.is_ordered else 200


def _told(sending: Sending) -> DeliveryTold:
    message = sending.message
    return DeliveryTold.model_validate(
        {
            "id": message.id,
            "reason": message.reason,
            "created_at": message.created_at,
            "recipients": [ReachedTold.model_validate(each) for each in sending.recipients],
        }
    )

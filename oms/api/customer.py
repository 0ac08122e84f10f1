"""`/api/v1/customer/orders`: for the shop's customer page, which has logged the customer in and knows that the order is hers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from oms.api.answers.customer import CustomerEventTold, CustomerItemTold, CustomerOrderTold, CustomerPaperTold
from oms.api.answers.told import TriggerTold, triggered
from oms.api.bodies import Body, body_of, described
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.links import link_to
from oms.api.once import Key
from oms.bootstrap import Shop
from oms.engine.examine import CUSTOMER
from oms.lookup.customer import customer_events, shown_items, state_title
from oms.lookup.order import OrderPage, order_page
from oms.money import format_minor
from oms.ports.deeds import about
from oms.process.model import title_in
from oms.rights import Caller

router = APIRouter(prefix="/customer/orders/{reference}", tags=["customer"])

Sees = Annotated[Caller, Depends(asks("customer.page"))]
Locale = Annotated[str | None, Query(max_length=20, description="Of the titles; left out: the order's.")]
LINK_DAYS = 1


class Wanted(Body):
    """What the customer lets happen."""

    event: str = Field(max_length=64)
    reason: str | None = None


@router.get("", operation_id="getCustomerOrder", responses=failing(404))
def show(reference: str, request: Request, shop: ShopHere, caller: Sees, locale: Locale = None) -> CustomerOrderTold:
    """An order as its customer sees it, with links to its papers that count until tomorrow."""
    page = order_page(shop, reference, store=caller.store)
    language, currency = locale or page.view.head.locale, page.view.head.currency
    return CustomerOrderTold(
        reference=page.view.head.reference,
        placed_at=page.view.head.placed_at,
        currency=currency,
        total=format_minor(page.view.gross_minor, currency),
        paid=format_minor(page.paid_minor, currency),
        items=[
            CustomerItemTold(
                name=page.order.lines[item.line - 1].name,
                quantity=item.quantity,
                state=state_title(page, item, locale=language),
                since=item.entered_at,
            )
            for item in shown_items(page)
        ],
        events=[CustomerEventTold(event=event.name, title=title_in(language, event.title, event.name)) for event in customer_events(page)],
        papers=list(_papers(shop, page, request)),
    )


@router.post(
    "/events", operation_id="letCustomerEventHappen", openapi_extra=described(Wanted, {"event": "cancel"}), responses=failing(400, 404, 409, 413, 422)
)
def trigger(reference: str, shop: ShopHere, caller: Sees, wanted: Annotated[Wanted, Depends(body_of(Wanted))], key: Key = None) -> TriggerTold:
    """Let happen what the customer may: an event that the process gives to the role `customer`, while every item may still be cancelled."""
    about(said=wanted.event)
    answer = shop.trigger(reference, wanted.event, store=caller.store, key=key, actor=CUSTOMER, reason=wanted.reason, roles=(CUSTOMER,))
    return triggered(answer, caller.store or shop.settings.default_store)


def _papers(shop: Shop, page: OrderPage, request: Request) -> Iterator[CustomerPaperTold]:
    for paper, file in page.view.invoices:
        if file is not None:
            link = link_to(shop, paper, request, days=LINK_DAYS)
            yield CustomerPaperTold(number=paper.number, kind=paper.kind, issued_on=paper.issued_on, link=link)

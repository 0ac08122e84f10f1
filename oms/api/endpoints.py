"""`/api/v1/webhooks`: whom the shop tells what happens. Answers that hold a secret are not kept for a repeated request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field, model_validator

from oms.api.answers.endpoints import (
    AgainTold,
    CallsTold,
    CallTold,
    EndpointsTold,
    EndpointTold,
    NewEndpointTold,
    call_told,
    endpoint_told,
    new_endpoint_told,
)
from oms.api.bodies import Body, body_of, described
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.once import OnceRoute
from oms.api.paging import Cursor, Limit, after, cursor_of
from oms.api.times import Moment
from oms.engine.endpoints import Again, add_endpoint, enable_endpoint, endpoint_of, ping, remove_endpoint, resend, rotate_secret
from oms.engine.notices import TYPES
from oms.ports.endpoints import DeliveryStatus
from oms.rights import Caller

router = APIRouter(tags=["webhooks"])
_plain = APIRouter(prefix="/webhooks")
_once = APIRouter(prefix="/webhooks", route_class=OnceRoute)

Managing = Annotated[Caller, Depends(asks("webhooks.manage"))]
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The endpoint's.")]
Type = Literal["order.moved", "invoice.issued", "credit_note.issued", "payment.booked", "mail.failed"]


class Wanted(Body):
    """Who is to be told what."""

    url: str = Field(min_length=1, max_length=2000, description="`https://…`; what lies inside the network only where `webhooks.inside` names it")
    types: list[Type] | None = Field(default=None, min_length=1, max_length=len(TYPES), description="of what; unless said, of everything")


class Rotation(Body):
    """How the secret is changed."""

    overlap_hours: int = Field(default=24, ge=0, le=168, description="so long the old one signs as well; 0: it is known to others")


class Resending(Body):
    """What is to be told again: a message, or all since then."""

    message: str | None = Field(default=None, min_length=1, max_length=80, description="this one, also if it was delivered")
    since: Annotated[Moment, Field(strict=False)] | None = Field(default=None, description="all that was not delivered since then")
    delivered: bool = Field(default=False, description="with `since`: what was delivered as well")

    @model_validator(mode="after")
    def _one_of_both(self) -> Resending:
        if (self.message is None) == (self.since is None):
            raise ValueError("say either message or since")
        return self


@_plain.post(
    "",
    status_code=201,
    operation_id="addWebhook",
    openapi_extra=described(Wanted, {"url": "https://erp.shop.example/oms", "types": ["order.moved", "invoice.issued"]}),
    responses=failing(400, 409, 413, 422),
)
def add(shop: ShopHere, caller: Managing, wanted: Annotated[Wanted, Depends(body_of(Wanted))]) -> NewEndpointTold:
    """Tell an address what happens from now on. The answer has the secret that signs it; it is shown this once."""
    store = caller.store or shop.settings.default_store
    return new_endpoint_told(add_endpoint(shop.engine, wanted.url, store=store, types=wanted.types or (), actor=caller.actor))


@_plain.get("", operation_id="listWebhooks", responses=failing())
def list_all(shop: ShopHere, caller: Managing) -> EndpointsTold:
    """Who is told, and of what."""
    with shop.store.reading() as work:
        return EndpointsTold(webhooks=[endpoint_told(each) for each in work.endpoints.all(caller.store)])


@_plain.get("/{endpoint}", operation_id="getWebhook", responses=failing(404))
def get(endpoint: Number, shop: ShopHere, caller: Managing) -> EndpointTold:
    """One endpoint."""
    with shop.store.reading() as work:
        return endpoint_told(endpoint_of(work, endpoint, store=caller.store))


@_plain.delete("/{endpoint}", status_code=204, operation_id="removeWebhook", responses=failing(404))
def remove(endpoint: Number, shop: ShopHere, caller: Managing) -> None:
    """Tell an endpoint nothing any more, for good."""
    remove_endpoint(shop.engine, endpoint, store=caller.store, actor=caller.actor)


@_plain.post(
    "/{endpoint}/rotate",
    operation_id="rotateWebhook",
    openapi_extra=described(Rotation, {"overlap_hours": 24}),
    responses=failing(400, 404, 413, 422),
)
def rotate(endpoint: Number, shop: ShopHere, caller: Managing, wanted: Annotated[Rotation, Depends(body_of(Rotation))]) -> NewEndpointTold:
    """Give an endpoint a new secret, shown this once. Until the overlap is over, each message has two signatures."""
    return new_endpoint_told(rotate_secret(shop.engine, endpoint, store=caller.store, overlap=timedelta(hours=wanted.overlap_hours)))


@_once.post("/{endpoint}/enable", operation_id="enableWebhook", responses=failing(404, 409))
def enable(endpoint: Number, shop: ShopHere, caller: Managing) -> EndpointTold:
    """Tell an endpoint again what happens from now on. `resend` tells what it missed."""
    return endpoint_told(enable_endpoint(shop.engine, endpoint, store=caller.store, actor=caller.actor))


@_once.post("/{endpoint}/ping", status_code=202, operation_id="pingWebhook", responses=failing(404, 409))
def send_ping(endpoint: Number, shop: ShopHere, caller: Managing) -> CallTold:
    """Send an endpoint a `ping`; a worker does it."""
    return call_told(ping(shop.engine, endpoint, store=caller.store))


@_once.post(
    "/{endpoint}/resend",
    status_code=202,
    operation_id="resendWebhook",
    openapi_extra=described(Resending, {"since": "2026-11-25T09:00:00Z"}),
    responses=failing(400, 404, 409, 413, 422),
)
def send_again(endpoint: Number, shop: ShopHere, caller: Managing, wanted: Annotated[Resending, Depends(body_of(Resending))]) -> AgainTold:
    """Tell an endpoint again what it missed, under the same ids; a worker does it."""
    since: datetime | None = wanted.since
    again = Again(wanted.message, since, wanted.delivered)
    return AgainTold(resent=resend(shop.engine, endpoint, again, store=caller.store, actor=caller.actor))


@_plain.get("/{endpoint}/deliveries", operation_id="listWebhookDeliveries", responses=failing(404))
def calls(
    endpoint: Number,
    shop: ShopHere,
    caller: Managing,
    *,
    status: Annotated[DeliveryStatus | None, Query(description="Only those.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CallsTold:
    """What an endpoint was told, newest first, and what it answered."""
    with shop.store.reading() as work:
        found = endpoint_of(work, endpoint, store=caller.store)
        page = work.endpoints.deliveries(found.id, status=status, after=after(cursor), limit=limit + 1)
    return CallsTold(deliveries=[call_told(each) for each in page[:limit]], next=cursor_of(page[limit - 1].id) if len(page) > limit else None)


router.include_router(_plain)
router.include_router(_once)

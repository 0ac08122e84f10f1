"""`/api/v1/orders`: place them, look them up, let events happen."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response
from pydantic import Field

from oms.api.answers import TriggerTold, triggered
from oms.api.bodies import Body, body_of, described, json_body
from oms.api.entry import ShopHere, asks
from oms.errors import InvalidInput, Problem
from oms.lookup.order import as_data, order_page
from oms.rights import Caller

router = APIRouter(prefix="/orders", tags=["orders"])

Key = Annotated[str | None, Header(alias="Idempotency-Key", description="Repeated, the answer is that of the first time and nothing happens.")]


class ItemNamed(Body):
    """An item, or some of its units."""

    id: str = Field(description="its label, as in `1`, after a split `2.1`, or its `ref`")
    quantity: int | None = Field(default=None, ge=1, description="so many of its units; left out: all")


class EventWanted(Body):
    """What is to happen."""

    event: str
    items: list[ItemNamed] | None = Field(default=None, description="left out: all items that have the event")
    payload: dict[str, Any] = Field(default={}, description="what the event asks for; amounts, dates and times are texts")
    reason: str | None = None
    expect_state: str | None = Field(default=None, description="refused, if the items stand elsewhere")


@router.post("", status_code=201)
def place(
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("orders.place"))],
    document: Annotated[object, Depends(json_body)],
    response: Response,
) -> TriggerTold:
    """Place an order. Placed again with the same content, it answers 200 and changes nothing."""
    answer = shop.place(_in_store(document, caller), actor=caller.actor)
    store = caller.store or shop.settings.default_store
    response.headers["Location"] = f"/api/v1/orders/{answer.order}"
    if answer.repeated:
        response.status_code = 200
    return triggered(answer, store)


@router.get("/{reference}")
def show(reference: str, shop: ShopHere, caller: Annotated[Caller, Depends(asks("orders.read"))]) -> dict[str, Any]:
    """Everything about an order, and why each item waits."""
    return as_data(order_page(shop, reference, store=caller.store))


EXAMPLE = {"event": "pay", "payload": {"amount": "168.80", "reference": "tx_1"}}


@router.post("/{reference}/events", openapi_extra=described(EventWanted, EXAMPLE))
def trigger(
    reference: str,
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("orders.trigger"))],
    wanted: Annotated[EventWanted, Depends(body_of(EventWanted))],
    key: Key = None,
) -> TriggerTold:
    """Let an event happen to the items that have it, or to those that are named."""
    items = None if wanted.items is None else [(item.id, item.quantity) for item in wanted.items]
    answer = shop.trigger(
        reference,
        wanted.event,
        items=items,
        store=caller.store,
        key=key,
        actor=caller.actor,
        reason=wanted.reason,
        payload=wanted.payload,
        expect=wanted.expect_state,
    )
    return triggered(answer, caller.store or shop.settings.default_store)


def _in_store(document: object, caller: Caller) -> object:
    """The document of a caller that has one store: it need not name it, and may name no other."""
    if caller.store is None or not isinstance(document, dict):
        return document
    named = document.get("store")
    if named is not None and named != caller.store:
        raise InvalidInput([Problem("/store", f"this key belongs to the store {json.dumps(caller.store)}: leave it out.")])
    return document | {"store": caller.store}

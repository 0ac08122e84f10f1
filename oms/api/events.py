"""`/api/v1/orders/{reference}/events` and timers: let things happen."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import ConfigDict, Field

from oms.api.answers.lists import TimersTold
from oms.api.answers.told import TriggerTold, triggered
from oms.api.bodies import Body, body_of, described
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.once import Key
from oms.api.tags import Seen, trigger_of
from oms.engine.by_hand import run_now
from oms.lookup.order import order_page, timers_data
from oms.ports.deeds import about
from oms.rights import Caller

router = APIRouter(prefix="/orders/{reference}", tags=["events"])


class ItemNamed(Body):
    """An item, or some of its units."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": "2", "quantity": 1}]})

    id: str = Field(description="its label, as in `1`, after a split `2.1`, or its `ref`")
    quantity: int | None = Field(default=None, ge=1, le=1_000_000, description="so many of its units; left out: all")


class EventWanted(Body):
    """What is to happen."""

    event: str = Field(min_length=1, max_length=64)
    items: list[ItemNamed] | None = Field(default=None, description="left out: all items that have the event")
    payload: dict[str, Any] = Field(default={}, description="what the event asks for; amounts, dates and times are texts")
    reason: str | None = None
    expect_state: str | None = Field(default=None, min_length=1, max_length=200, description="refused, if the items stand elsewhere")


EXAMPLE = {"event": "pay", "payload": {"amount": "168.80", "reference": "tx_1"}}


@router.post("/events", operation_id="letEventHappen", openapi_extra=described(EventWanted, EXAMPLE), responses=failing(400, 404, 409, 412, 413, 422))
def trigger(
    reference: str,
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("orders.trigger"))],
    wanted: Annotated[EventWanted, Depends(body_of(EventWanted))],
    key: Key = None,
    seen: Seen = None,
) -> TriggerTold:
    """Let an event happen to the items that have it, or to those that are named."""
    about(said=wanted.event)
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
        roles=caller.acts_as,
        seen=trigger_of(seen),
    )
    return triggered(answer, caller.store or shop.settings.default_store)


@router.get("/timers", operation_id="listTimers", responses=failing(404))
def timers(reference: str, shop: ShopHere, caller: Annotated[Caller, Depends(asks("orders.read"))]) -> TimersTold:
    """What waits for its time."""
    return TimersTold.model_validate({"timers": timers_data(order_page(shop, reference, store=caller.store))})


@router.post("/timers/{event}/run", operation_id="runTimer", responses=failing(404, 409, 422))
def run_timer(reference: str, event: str, shop: ShopHere, caller: Annotated[Caller, Depends(asks("orders.retry"))], key: Key = None) -> TriggerTold:
    """Let a timer's event happen now, to the items that wait for it: a trigger by this caller (rule 20)."""
    answer = run_now(shop.engine, reference, event, store=caller.store, key=key, actor=caller.actor, roles=caller.acts_as)
    return triggered(answer, caller.store or shop.settings.default_store)

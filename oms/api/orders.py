"""`/api/v1/orders`: place them, look them up."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from oms.api.addresses import at
from oms.api.answers.lists import HistoryTold, OrderLineTold, OrdersTold
from oms.api.answers.orders import OrderTold, order_told
from oms.api.answers.told import TriggerTold, triggered
from oms.api.bodies import json_body
from oms.api.documented import ORDER_BODY, TAGGED, failing
from oms.api.entry import ShopHere, asks
from oms.api.paging import Cursor, Limit, after, cursor_of
from oms.api.tags import Had, has, tag_of
from oms.api.times import Day, Moment
from oms.errors import InvalidInput, Problem
from oms.lookup.events import possible_events
from oms.lookup.order import as_data, order_page
from oms.lookup.orders import Sought, seek
from oms.lookup.past import history_data
from oms.money import format_minor
from oms.ports.deeds import about
from oms.ports.views import OrderLine
from oms.rights import Caller

router = APIRouter(prefix="/orders", tags=["orders"])

Reads = Annotated[Caller, Depends(asks("orders.read"))]


ALREADY: dict[int | str, dict[str, Any]] = {200: {"model": TriggerTold, "description": "It was placed before, with the same content."}}


@router.post("", status_code=201, operation_id="placeOrder", openapi_extra=ORDER_BODY, responses=failing(400, 409, 413, 422) | ALREADY)
def place(
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("orders.place"))],
    document: Annotated[object, Depends(json_body)],
    response: Response,
) -> TriggerTold:
    """Place an order. Placed again with the same content, it answers 200 and changes nothing."""
    if isinstance(document, dict) and isinstance(reference := document.get("reference"), str):
        about(f"order:{reference[:100]}")
    answer = shop.place(_in_store(document, caller), actor=caller.actor)
    response.headers["Location"] = at("orders", answer.order)
    if answer.repeated:
        response.status_code = 200
    return triggered(answer, caller.store or shop.settings.default_store)


@router.get("", operation_id="listOrders", responses=failing(422))
def list_orders(  # noqa: PLR0913 - one for each filter
    shop: ShopHere,
    caller: Reads,
    *,
    state: Annotated[list[str] | None, Query(max_length=20, description="Some item is in one of these.")] = None,
    not_state: Annotated[list[str] | None, Query(max_length=20, description="No item is in one of these.")] = None,
    flag: Annotated[str | None, Query(max_length=64, description="Some item is in a state that has this flag.")] = None,
    process: Annotated[str | None, Query(max_length=64)] = None,
    search: Annotated[str | None, Query(max_length=200, description="What words of reference, name or mail address begin with.")] = None,
    sku: Annotated[str | None, Query(max_length=64)] = None,
    attention: Annotated[bool | None, Query(description="It needs attention.")] = None,
    placed_from: Annotated[Day | None, Query(description="That day in UTC, or later.")] = None,
    placed_to: Annotated[Day | None, Query(description="That day in UTC, or earlier.")] = None,
    unmoved_since: Annotated[Moment | None, Query(description="Some open item has been where it is since before.")] = None,
    sort: Annotated[str, Query(pattern="^(newest|oldest)$")] = "newest",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> OrdersTold:
    """List orders, the newest first."""
    sought = Sought(
        store=caller.store,
        states=tuple(state or ()),
        without_states=tuple(not_state or ()),
        flag=flag,
        process=process,
        search=search,
        sku=sku,
        attention=attention,
        placed_from=placed_from,
        placed_to=placed_to,
        older_than=unmoved_since,
        oldest_first=sort == "oldest",
        limit=limit + 1,
        after=after(cursor),
    )
    lines = seek(shop, sought)
    more = cursor_of(lines[limit - 1].id) if len(lines) > limit else None
    return OrdersTold(orders=[_line(line) for line in lines[:limit]], next=more)


@router.get("/{reference}", operation_id="getOrder", response_model=OrderTold, responses=failing(404) | TAGGED)
def show(
    reference: str, request: Request, shop: ShopHere, caller: Reads, locale: Annotated[str, Query(max_length=20)] = "en", _had: Had = None
) -> Response:
    """Everything about an order, and why each item waits. Its ETag goes into `If-Match` of what changes it."""
    page = order_page(shop, reference, store=caller.store)
    told = order_told(as_data(page), possible_events(page, locale=locale)).model_dump_json(by_alias=True).encode()
    headers = {"ETag": tag_of(page.tag, told)}
    if has(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(told, media_type="application/json", headers=headers)


@router.get("/{reference}/history", operation_id="getHistory", responses=failing(404, 422))
def history(reference: str, shop: ShopHere, caller: Reads, limit: Limit = 200, cursor: Cursor = None) -> HistoryTold:
    """What happened to an order, who let it happen and why, the oldest first. Rows are only ever added, so a cursor is a place in the list."""
    rows, first = history_data(shop.views.order(reference, store=caller.store)), after(cursor) or 0
    more = cursor_of(first + limit) if len(rows) > first + limit else None
    return HistoryTold.model_validate({"history": rows[first : first + limit], "next": more})


def _line(line: OrderLine) -> OrderLineTold:
    return OrderLineTold(
        reference=line.reference,
        store=line.store,
        customer=line.customer_name,
        total=format_minor(line.gross_minor, line.currency),
        currency=line.currency,
        process=line.process,
        placed_at=line.placed_at,
        states=dict(line.states),
        since=line.since,
        attention=line.attention,
        held=line.held,
    )


def _in_store(document: object, caller: Caller) -> object:
    """The document of a caller that has one store: it need not name it, and may name no other."""
    if caller.store is None or not isinstance(document, dict):
        return document
    named = document.get("store")
    if named is not None and named != caller.store:
        raise InvalidInput([Problem("/store", f"this key belongs to the store {json.dumps(caller.store)}: leave it out.")])
    return document | {"store": caller.store}

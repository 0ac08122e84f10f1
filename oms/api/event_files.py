"""`/api/v1/events/import`: events from a CSV file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from oms.api.answers.told import ImportedTold, RowTold
from oms.api.bodies import read_body
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.once import OnceRoute
from oms.engine.event_list import import_events
from oms.rights import Caller

router = APIRouter(prefix="/events", tags=["events"], route_class=OnceRoute)

LARGEST = 10 * 1024 * 1024
"""Bytes of a file."""
_EXAMPLE = "reference,event,item,reason,with.tracking\nA-1001,ship,1,,00340434161094042557\n"
_BODY = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE}}}}


async def file_body(request: Request) -> bytes:
    """The whole file."""
    return await read_body(request, limit=LARGEST)


@router.post("/import", operation_id="importEvents", openapi_extra=_BODY, responses=failing(400, 413, 422))
def import_file(
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("orders.trigger"))],
    content: Annotated[bytes, Depends(file_body)],
    *,
    preview: Annotated[bool, Query(description="Only say what would happen.")] = False,
) -> ImportedTold:
    """Let the events of a CSV file happen, a row each: reference, event, item, reason, and `with.FIELD`. A repeated file moves nothing."""
    results = import_events(shop.engine, content, actor=caller.actor, store=caller.store, preview=preview, roles=caller.acts_as)
    return ImportedTold(preview=preview, rows=[RowTold.model_validate(result) for result in results])

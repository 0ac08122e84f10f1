"""`/webhooks/{provider}`: what payment providers say. Proved over the bytes as they came, kept, committed, then answered; a worker applies it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from oms.api.answers.told import ReceiptTold
from oms.api.bodies import read_body
from oms.api.documented import OPEN, failing
from oms.api.entry import ShopHere
from oms.engine.unread import take
from oms.errors import NotFound
from oms.failpoints import reach

router = APIRouter(prefix="/webhooks", tags=["payments"])

LARGEST = 1024 * 1024
"""Bytes of a message."""


async def whole_body(request: Request) -> bytes:
    """As it came, up to a megabyte."""
    return await read_body(request, limit=LARGEST)


_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"description": "as the provider signed it"}}}}}
_KEPT: dict[int | str, dict[str, Any]] = {202: {"model": ReceiptTold, "description": "It is kept: nobody knows yet what it is for."}}


@router.post("/{provider}", operation_id="receiveMessage", openapi_extra=_BODY, responses=_KEPT | failing(400, 401, 404, 409, 413, 422, always=OPEN))
def receive_message(provider: str, request: Request, shop: ShopHere, body: Annotated[bytes, Depends(whole_body)], response: Response) -> ReceiptTold:
    """Take a message of a payment provider: 200 when it is known what it is for, 202 when it is only kept. Sent again, the first one counts."""
    found = shop.providers.get(provider)
    if found is None or not shop.settings.payments[provider].secrets:
        raise NotFound("No payment provider is expected at this address.")
    headers = {name: request.headers[name] for name in request.headers}
    found.prove(headers, body, now=shop.store.now())
    reach("wh.after_verify")
    receipt = take(shop.engine, found, headers, body)
    response.status_code = 200 if receipt.repeated or receipt.why is None or receipt.status == "done" else 202
    return ReceiptTold(status="repeated" if receipt.repeated else receipt.status, why=receipt.why)

"""What the OpenAPI document says beside what FastAPI knows by itself: bodies that we read ourselves, and how a request may fail."""

from __future__ import annotations

from typing import Any

from oms.api.order_schema import ORDER

PROBLEM = "application/problem+json"
_ALWAYS = (401, 403, 500, 503)
OPEN = (500, 503)
"""What may become of a request that needs no key."""
_WHY = {
    400: "The request can't be read.",
    401: "No key that counts.",
    403: "The key lacks the right.",
    404: "There is no such thing.",
    409: "It can't be done as things stand.",
    412: "It has changed since it was looked at.",
    413: "More bytes than are read.",
    422: "What was said is wrong: each fault with its place.",
    429: "Too often: later.",
    500: "A fault of oms. The log knows more under the request's id.",
    503: "The database didn't answer.",
}


def failing(*statuses: int, always: tuple[int, ...] = _ALWAYS) -> dict[int | str, dict[str, Any]]:
    """How a route may fail, besides what holds for all that ask for a key."""
    schema = {"$ref": "#/components/schemas/ProblemTold"}
    return {status: {"description": _WHY[status], "content": {PROBLEM: {"schema": schema}}} for status in sorted({*always, *statuses})}


def a_file(media_type: str, description: str) -> dict[int | str, dict[str, Any]]:
    """The bytes that a route hands out, and 304 for who has them."""
    tag = {"ETag": {"description": "SHA-256 of the bytes, in quotes.", "schema": {"type": "string"}}}
    name = {"Content-Disposition": {"description": "How the file should be called.", "schema": {"type": "string"}}}
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {
        200: {"description": description, "content": content, "headers": tag | name},
        304: {"description": "The bytes that `If-None-Match` names are still right.", "headers": tag},
    }


_TAG = {"ETag": {"description": "For `If-Match` of what changes it, and for `If-None-Match`.", "schema": {"type": "string"}}}
TAGGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": _TAG},
    304: {"description": "What `If-None-Match` names is still right.", "headers": _TAG},
}
"""An answer that the caller may have already."""

ORDER_EXAMPLE = {
    "reference": "A-1001",
    "customer": {"name": "Jana Novak", "email": "jana@example.com"},
    "billing_address": {"name": "Jana Novak", "street": "Marktplatz 2", "postcode": "80331", "city": "München", "country": "DE"},
    "items": [{"sku": "CUP-4", "name": "Espresso cups", "quantity": 2, "unit_price": "39.90", "tax_rate": "19"}],
    "payment": {"method": "prepayment"},
}
ORDER_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {**ORDER, "examples": [ORDER_EXAMPLE]}, "example": ORDER_EXAMPLE}},
    }
}
"""What `oms.orders.document` reads."""

"""What the OpenAPI document says beside what FastAPI knows by itself: bodies that we read ourselves, and how a request may fail."""

from __future__ import annotations

from typing import Any

from oms.api.answers.common import ProblemTold

_ALWAYS = (401, 403, 503)
_WHY = {
    400: "The request can't be read.",
    401: "No key that counts.",
    403: "The key lacks the right.",
    404: "There is no such thing.",
    409: "It can't be done as things stand.",
    412: "It has changed since it was looked at.",
    413: "More bytes than are read.",
    422: "What was said is wrong: each fault with its place.",
    503: "The database didn't answer.",
}


def failing(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How a route may fail, besides what holds for all of them."""
    told = {"content": {"application/problem+json": {"schema": ProblemTold.model_json_schema(ref_template="#/components/schemas/{model}")}}}
    told["content"]["application/problem+json"]["schema"].pop("$defs", None)
    return {status: {"description": _WHY[status], **told} for status in sorted({*_ALWAYS, *statuses})}


_AMOUNT = {"type": "string", "pattern": r"^\d{1,12}(\.\d{1,3})?$", "examples": ["39.90"]}
_RATE = {"type": "string", "pattern": r"^\d{1,3}(\.\d{1,4})?$", "examples": ["19"]}
_NAME = {"type": "string", "minLength": 1, "maxLength": 200}
_WORD = {"type": "string", "minLength": 1, "maxLength": 64}
_ADDRESS = {
    "type": "object",
    "required": ["name", "street", "postcode", "city", "country"],
    "properties": {
        **dict.fromkeys(("name", "street", "city"), _NAME),
        "extra": {"type": ["string", "null"]},
        "postcode": _WORD,
        "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
    },
}
ORDER_EXAMPLE = {
    "reference": "A-1001",
    "customer": {"name": "Jana Novak", "email": "jana@example.com"},
    "billing_address": {"name": "Jana Novak", "street": "Marktplatz 2", "postcode": "80331", "city": "München", "country": "DE"},
    "items": [{"sku": "CUP-4", "name": "Espresso cups", "quantity": 2, "unit_price": "39.90", "tax_rate": "19"}],
    "payment": {"method": "prepayment"},
}
_ORDER = {
    "type": "object",
    "title": "Order",
    "required": ["reference", "customer", "billing_address", "items"],
    "properties": {
        "reference": {**_WORD, "pattern": r"^[A-Za-z0-9._][A-Za-z0-9._-]*$"},
        "customer": {"type": "object", "required": ["name"], "properties": {"name": _NAME, "email": {"type": ["string", "null"], "format": "email"}}},
        "billing_address": _ADDRESS,
        "shipping_address": {"oneOf": [_ADDRESS, {"type": "null"}]},
        "items": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2000,
            "items": {
                "type": "object",
                "required": ["sku", "name", "quantity", "unit_price", "tax_rate"],
                "properties": {
                    "sku": _WORD,
                    "name": _NAME,
                    "quantity": {"type": "integer", "minimum": 1, "maximum": 1000000},
                    "unit_price": _AMOUNT,
                    "tax_rate": _RATE,
                },
            },
        },
        "payment": {"type": "object", "properties": {"method": {"type": ["string", "null"]}, "terms": {"type": ["string", "null"]}}},
    },
    "examples": [ORDER_EXAMPLE],
}
ORDER_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": _ORDER}}}}
"""What `oms.orders.document` reads, as far as most shops need it; docs/orders.md has all of it."""

"""The order document as a JSON Schema: what `oms.orders.document` reads, but for what must agree between its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oms.money import currencies
from oms.orders.document import COMMENT_LIMIT, DISCOUNTS, PREPAYMENTS, PRICES, SHIPPING_TAXES
from oms.orders.lines import CATEGORIES, LINES, OPTIONS, QUANTITY
from oms.orders.parties import countries
from oms.orders.section import NAME_LIMIT, WORD_LIMIT

Schema = dict[str, Any]

_TEXT = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+$"


def _text(limit: int, description: str | None = None, example: str | None = None) -> Schema:
    told: Schema = {"type": "string", "minLength": 1, "maxLength": limit, "pattern": _TEXT}
    return told | ({"description": description} if description else {}) | ({"examples": [example]} if example else {})


def _or_null(schema: Schema) -> Schema:
    if schema["type"] == "object" and "title" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def _object(title: str, required: Mapping[str, Schema], optional: Mapping[str, Schema]) -> Schema:
    """What may be left out may be null."""
    properties = {**required, **{name: _or_null(schema) for name, schema in optional.items()}}
    return {"title": title, "type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


AMOUNT: Schema = {"type": "string", "pattern": r"^\d{1,11}(\.\d{1,3})?$", "description": "in the order's currency", "examples": ["39.90"]}
RATE: Schema = {"type": "string", "pattern": r"^(0|[1-9]\d?|100)(\.\d{1,4})?$", "description": "percent", "examples": ["19"]}
_DATA: Schema = {"type": "object", "description": "kept as it is: conditions and templates may read it", "examples": [{"campaign": "autumn"}]}
_ADDRESS = _object(
    "Address",
    {
        "name": _text(NAME_LIMIT, example="Jana Novak"),
        "street": _text(NAME_LIMIT, example="Marktplatz 2"),
        "postcode": _text(20, example="80331"),
        "city": _text(NAME_LIMIT, example="München"),
        "country": {"type": "string", "enum": sorted(countries()), "description": "ISO 3166", "examples": ["DE"]},
    },
    {"extra": _text(NAME_LIMIT)},
)
_CUSTOMER = _object(
    "Customer",
    {"name": _text(NAME_LIMIT, example="Jana Novak")},
    {
        "email": {"type": "string", "format": "email", "maxLength": 254, "examples": ["jana@example.com"]},
        "vat_id": {"type": "string", "pattern": r"^[A-Z]{2}[A-Z0-9]{2,18}$", "examples": ["DE123456788"]},
        "electronic_address": {"type": "string", "pattern": r"^(\d{4}|A[NQSU]|EM):[A-Za-z0-9@._:+/-]{1,50}$", "examples": ["0204:991-12345-06"]},
    },
)
_OPTION = _object("Option", {"name": _text(NAME_LIMIT, example="Gift wrap"), "price": AMOUNT}, {"tax_rate": RATE})
_ITEM = _object(
    "Item",
    {
        "sku": _text(WORD_LIMIT, example="CUP-4"),
        "name": _text(NAME_LIMIT, example="Espresso cups"),
        "quantity": {
            "type": "integer",
            "minimum": -QUANTITY,
            "maximum": QUANTITY,
            "not": {"const": 0},
            "description": "negative only with `return_of`",
            "examples": [2],
        },
        "unit_price": AMOUNT,
        "tax_rate": RATE,
    },
    {
        "tax_category": {"type": "string", "enum": [*CATEGORIES, None], "description": "EN 16931; left out: S, or Z at 0 percent"},
        "discount": AMOUNT,
        "options": {"type": "array", "maxItems": OPTIONS, "items": _OPTION},
        "unit": _text(20, example="piece"),
        "bundle": _object("Bundle", {"id": _text(WORD_LIMIT), "name": _text(NAME_LIMIT), "price": AMOUNT}, {}),
        "group": _text(WORD_LIMIT, "a parcel, a seller"),
        "ref": _text(WORD_LIMIT, "how you call this item", "pos-a"),
        "return_of": _text(WORD_LIMIT, "the order that this item comes back from"),
        "data": _DATA,
    },
)
_OPTIONAL: Mapping[str, Schema] = {
    "store": _text(WORD_LIMIT, "left out: the key's", "main"),
    "process": _text(WORD_LIMIT, "left out: that of the payment's method", "prepayment"),
    "locale": {"type": "string", "pattern": "^[a-z]{2}$", "examples": ["de"]},
    "currency": {"type": "string", "enum": [*sorted(currencies()), None], "description": "ISO 4217; left out: the store's", "examples": ["EUR"]},
    "exchange_rate": {"type": "string", "pattern": r"^\d{1,6}(\.\d{1,10})?$", "description": "what one unit of the store's currency costs"},
    "prices": {"type": "string", "enum": [*PRICES, None]},
    "shipping_address": _ADDRESS,
    "shipping": _object(
        "Shipping",
        {"price": AMOUNT},
        {"name": _text(NAME_LIMIT, example="DHL"), "tax": {"type": "string", "enum": [*SHIPPING_TAXES, None]}, "tax_rate": RATE},
    ),
    "discounts": {
        "type": "array",
        "maxItems": DISCOUNTS,
        "items": _object("Discount", {"amount": AMOUNT}, {"name": _text(NAME_LIMIT, example="WELCOME10")}),
    },
    "payment": _object(
        "Payment",
        {},
        {
            "method": _text(WORD_LIMIT, example="prepayment"),
            "terms": {"type": "string", "pattern": r"^(\d{1,2}d|[1-4]?\dw)$", "examples": ["14d"]},
        },
    ),
    "payments": {
        "type": "array",
        "maxItems": PREPAYMENTS,
        "items": _object(
            "PaidAlready",
            {"method": _text(WORD_LIMIT, example="gift_card"), "amount": AMOUNT, "reference": _text(WORD_LIMIT, example="GC-7")},
            {},
        ),
        "description": "what is paid already",
    },
    "delivery_date": {"type": "string", "format": "date", "examples": ["2026-11-24"]},
    "buyer_reference": _text(NAME_LIMIT),
    "exemption": _object("Exemption", {"text": _text(500, example="Tax-free intra-EU delivery")}, {"code": _text(WORD_LIMIT, "VATEX")}),
    "comment": {"type": "string", "minLength": 1, "maxLength": COMMENT_LIMIT},
    "data": _DATA,
}
ORDER: Schema = _object(
    "Order",
    {
        "reference": {
            "type": "string",
            "minLength": 1,
            "maxLength": WORD_LIMIT,
            "pattern": r"^[A-Za-z0-9._][A-Za-z0-9._-]*$",
            "description": "yours, once in each store",
            "examples": ["A-1001"],
        },
        "customer": _CUSTOMER,
        "billing_address": _ADDRESS,
        "items": {"type": "array", "minItems": 1, "maxItems": LINES, "items": _ITEM},
    },
    _OPTIONAL,
)

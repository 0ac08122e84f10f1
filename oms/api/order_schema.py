"""The order document as a JSON Schema: what `oms.orders.document` reads, but for what must agree between its parts.

Each description says what a key means, and behind `; left out: ` what holds without it: docs/order.md makes its table of them.
"""

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
        said = {"description": schema["description"]} if "description" in schema else {}
        return {"anyOf": [{key: value for key, value in schema.items() if key not in said}, {"type": "null"}], **said}
    return {**schema, "type": [schema["type"], "null"]}


def _object(title: str, required: Mapping[str, Schema], optional: Mapping[str, Schema]) -> Schema:
    """What may be left out may be null."""
    properties = {**required, **{name: _or_null(schema) for name, schema in optional.items()}}
    return {"title": title, "type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def _amount(description: str) -> Schema:
    return {"type": "string", "pattern": r"^\d{1,11}(\.\d{1,3})?$", "description": description, "examples": ["39.90"]}


def _rate(description: str) -> Schema:
    return {"type": "string", "pattern": r"^(0|[1-9]\d?|100)(\.\d{1,4})?$", "description": description, "examples": ["19"]}


_DATA: Schema = {
    "type": "object",
    "description": "your own words, kept as it is: conditions and templates may read it",
    "examples": [{"campaign": "autumn"}],
}
_ADDRESS = _object(
    "Address",
    {
        "name": _text(NAME_LIMIT, "person or company", "Jana Novak"),
        "street": _text(NAME_LIMIT, "street and number", "Marktplatz 2"),
        "postcode": _text(20, "postcode, as that country writes it", "80331"),
        "city": _text(NAME_LIMIT, "town", "München"),
        "country": {"type": "string", "enum": sorted(countries()), "description": "two letters of ISO 3166", "examples": ["DE"]},
    },
    {"extra": _text(NAME_LIMIT, "a second line: company, department, floor")},
)
_CUSTOMER = _object(
    "Customer",
    {"name": _text(NAME_LIMIT, "as mails greet them", "Jana Novak")},
    {
        "email": {
            "type": "string",
            "format": "email",
            "maxLength": 254,
            "description": "where confirmation and invoice are mailed; left out: nothing is mailed, invoices wait to be printed",
            "examples": ["jana@example.com"],
        },
        "vat_id": {
            "type": "string",
            "pattern": r"^[A-Z]{2}[A-Z0-9]{2,18}$",
            "description": "VAT id, with its country; tax categories K and AE need it",
            "examples": ["DE123456788"],
        },
        "electronic_address": {
            "type": "string",
            "pattern": r"^(\d{4}|A[NQSU]|EM):[A-Za-z0-9@._:+/-]{1,50}$",
            "description": "where e-invoices go, as `SCHEME:ADDRESS`",
            "examples": ["0204:991-12345-06"],
        },
    },
) | {"description": "who buys"}
_OPTION = _object(
    "Option",
    {"name": _text(NAME_LIMIT, "as invoices call it", "Gift wrap"), "price": _amount("money, for each unit of the item")},
    {"tax_rate": _rate("percent; with another rate than the item's it becomes a line of its own; left out: the item's")},
)
_BUNDLE = _object(
    "Bundle",
    {
        "id": _text(WORD_LIMIT, "the same for all items that belong together", "SET-1"),
        "name": _text(NAME_LIMIT, "as invoices call the whole", "Barista set"),
        "price": _amount("of all its items together as they are ordered here, instead of their own prices"),
    },
    {},
) | {"description": "items sold together at one price; each of them says the same"}
_ITEM = _object(
    "Item",
    {
        "sku": _text(WORD_LIMIT, "your number of the article", "CUP-4"),
        "name": _text(NAME_LIMIT, "as invoices call it", "Espresso cups"),
        "quantity": {
            "type": "integer",
            "minimum": -QUANTITY,
            "maximum": QUANTITY,
            "not": {"const": 0},
            "description": "units, a whole number; negative with `return_of`, and only then",
            "examples": [2],
        },
        "unit_price": _amount("of one unit, with or without tax as `prices` says"),
        "tax_rate": _rate("percent"),
    },
    {
        "tax_category": {
            "type": "string",
            "enum": [*CATEGORIES, None],
            "description": "kind of tax, of EN 16931; at 0 percent it says why; left out: S, or Z at 0 percent",
        },
        "discount": _amount("off the whole line, not off each unit; not in a bundle; left out: none"),
        "options": {"type": "array", "maxItems": OPTIONS, "items": _OPTION, "description": "what is chosen with the item, once for each unit"},
        "unit": _text(20, "what is counted, as invoices print it", "piece"),
        "bundle": _BUNDLE,
        "group": _text(WORD_LIMIT, "what belongs together: a parcel, a seller", "parcel-1"),
        "ref": _text(WORD_LIMIT, "how you call this item; left out: it is called by its place, `1`, `2`, …", "pos-a"),
        "return_of": _text(WORD_LIMIT, "the order or invoice that this item comes back from", "A-0990"),
        "data": _DATA,
    },
)
_SHIPPING = _object(
    "Shipping",
    {"price": _amount("money; with or without tax as `prices` says")},
    {
        "name": _text(NAME_LIMIT, "as invoices call it", "DHL"),
        "tax": {
            "type": "string",
            "enum": [*SHIPPING_TAXES, None],
            "description": "at which rate: `by_value` in proportion to the goods, `main_rate` that of most of the goods, `fixed` the `tax_rate` "
            "beside it; left out: by_value",
        },
        "tax_rate": _rate('percent; needed with `"tax": "fixed"`, and only then'),
    },
) | {"description": "what sending costs"}
_DISCOUNT = _object(
    "Discount", {"amount": _amount("money off the goods, not off shipping")}, {"name": _text(NAME_LIMIT, "as invoices call it", "WELCOME10")}
)
_PAYMENT = _object(
    "Payment",
    {},
    {
        "method": _text(WORD_LIMIT, "your word for it; it chooses the process", "prepayment"),
        "terms": {
            "type": "string",
            "pattern": r"^(\d{1,2}d|[1-4]?\dw)$",
            "description": "when an invoice is due after its date, in days or weeks; left out: the store's `payment_terms`",
            "examples": ["14d"],
        },
    },
) | {"description": "how it will be paid"}
_PAID = _object(
    "PaidAlready",
    {
        "method": _text(WORD_LIMIT, "your word for it", "gift_card"),
        "amount": _amount("money"),
        "reference": _text(WORD_LIMIT, "booked once with this method", "GC-7"),
    },
    {},
)
_OPTIONAL: Mapping[str, Schema] = {
    "store": _text(WORD_LIMIT, "which store sells; left out: the key's, else the first in `oms.toml`", "main"),
    "process": _text(
        WORD_LIMIT,
        "which process its items follow; left out: that of the payment's method in `[processes.by_payment]`, else the `default`",
        "prepayment",
    ),
    "locale": {
        "type": "string",
        "pattern": "^[a-z]{2}$",
        "description": "language of mails and papers, such as `de`; `de_AT` is read, too; left out: the store's",
        "examples": ["de"],
    },
    "currency": {
        "type": "string",
        "enum": [*sorted(currencies()), None],
        "description": "three letters of ISO 4217; left out: the store's",
        "examples": ["EUR"],
    },
    "exchange_rate": {
        "type": "string",
        "pattern": r"^\d{1,6}(\.\d{1,10})?$",
        "description": "what one unit of the store's currency costs in the order's; needed with another currency, and only then",
        "examples": ["1.0832"],
    },
    "prices": {
        "type": "string",
        "enum": [*PRICES, None],
        "description": "whether amounts hold the tax (`gross`) or not (`net`); left out: the store's",
    },
    "shipping_address": _ADDRESS | {"description": "where it goes; left out: the billing address"},
    "shipping": _SHIPPING,
    "discounts": {
        "type": "array",
        "maxItems": DISCOUNTS,
        "items": _DISCOUNT,
        "description": "vouchers and rebates on the goods of the whole order, at most what they cost",
    },
    "payment": _PAYMENT,
    "payments": {"type": "array", "maxItems": PREPAYMENTS, "items": _PAID, "description": "what is paid already, a gift card, say"},
    "delivery_date": {
        "type": "string",
        "format": "date",
        "description": "day of delivery or service, as invoices print it",
        "examples": ["2026-11-24"],
    },
    "buyer_reference": _text(NAME_LIMIT, "the customer's own number; for German authorities the Leitweg-ID", "PO-2026-118"),
    "exemption": _object(
        "Exemption",
        {"text": _text(500, "the reason, as it is printed", "Tax-free intra-EU delivery")},
        {"code": _text(WORD_LIMIT, "the reason's code (VATEX)", "VATEX-EU-IC")},
    )
    | {"description": "why no tax is charged; tax category E needs it"},
    "comment": {"type": "string", "minLength": 1, "maxLength": COMMENT_LIMIT, "description": "what the customer wrote; may have several lines"},
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
        "billing_address": _ADDRESS | {"description": "who is billed"},
        "items": {"type": "array", "minItems": 1, "maxItems": LINES, "items": _ITEM, "description": "what was ordered, line by line"},
    },
    _OPTIONAL,
)

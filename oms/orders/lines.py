"""The `items` of an order document: what was ordered, line by line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from oms.orders.model import Bundle, Option, OrderLine
from oms.orders.section import WORD_LIMIT, Section
from oms.orders.wording import shown

LINES = 2_000
"""Most lines of an order; options that are lines of their own count."""
QUANTITY = 1_000_000
OPTIONS = 50

CATEGORIES = ("S", "Z", "E", "K", "AE", "G", "O")
"""EN 16931: standard rate, zero rate, exempt, intra-EU, reverse charge, export, outside of tax."""

_LABEL = re.compile(r"([1-9]\d{0,6})(\.[1-9]\d*)?", re.ASCII)
"""How items are called without a `ref`: `2`, after a split `2.1`."""


def read_lines(document: Section, currency: str) -> tuple[OrderLine, ...]:
    """All lines. Faults are noted in the document's problems."""
    if document.get("items") in (None, []):
        document.fault("items", 'is missing: an order has at least one item, "items": [{"sku": …, "name": …, "quantity": 1, …}].')
    sections = document.sections("items", most=LINES)
    lines = tuple(_read_line(section, currency) for section in sections)
    if sum(1 + len(line.own_options) for line in lines) > LINES:
        document.fault("items", f"make more than {LINES} lines: options with another tax rate count as lines of their own.")
    _check_refs(sections, lines)
    return lines


def _check_refs(sections: Sequence[Section], lines: Sequence[OrderLine]) -> None:
    """A ref names one item, and is no label that another one has, or that a part of it may get."""
    seen: set[str] = set()
    for number, (section, line) in enumerate(zip(sections, lines, strict=True), start=1):
        if line.ref is None:
            continue
        label = _LABEL.fullmatch(line.ref)
        if line.ref in seen:
            section.fault("ref", f"{shown(line.ref)} names another item of this order, too: each ref is used once.")
        elif label is not None and int(label[1]) <= len(lines) and line.ref != str(number):
            section.fault("ref", f'{shown(line.ref)} is how this order numbers its items: choose a ref that holds a letter, like "pos-{line.ref}".')
        seen.add(line.ref)


def _read_line(section: Section, currency: str) -> OrderLine:
    return_of = section.optional_text("return_of", limit=WORD_LIMIT)
    rate, category = _tax(section)
    line = OrderLine(
        sku=section.text("sku", "CUP-4", limit=WORD_LIMIT),
        name=section.text("name", "Espresso cups"),
        quantity=_quantity(section, return_of),
        unit_price_minor=section.amount("unit_price", currency),
        tax_rate=rate,
        tax_category=category,
        discount_minor=section.amount("discount", currency, required=False),
        options=tuple(_read_option(option, currency, rate=rate, category=category) for option in section.sections("options", most=OPTIONS)),
        unit=section.optional_text("unit", limit=20),
        bundle=_read_bundle(section.section("bundle"), currency),
        group=section.optional_text("group", limit=WORD_LIMIT),
        ref=section.optional_text("ref", limit=WORD_LIMIT),
        return_of=return_of,
        data=section.data("data"),
    )
    section.close()
    return line


def _quantity(section: Section, return_of: str | None) -> int:
    if return_of is None:
        quantity = section.get("quantity")
        if type(quantity) is int and quantity < 0:
            section.fault("quantity", "is negative: only an item with return_of, which says what is taken back, may have a negative quantity.")
            return 0
        return section.whole("quantity", lowest=1, highest=QUANTITY)
    return section.whole("quantity", lowest=-QUANTITY, highest=-1)


def _tax(section: Section) -> tuple[Decimal, str]:
    rate = section.rate("tax_rate")
    category = section.choice("tax_category", CATEGORIES, default=category_of(rate))
    if rate is not None and (rate > 0) != (category == "S"):
        need = "needs a tax_rate above 0; untaxed goods say why by Z, E, K, AE, G or O" if category == "S" else 'goes with "tax_rate": "0" only'
        section.fault("tax_category", f"{category} {need}.")
    return rate or Decimal(0), category


def category_of(rate: Decimal | None) -> str:
    """The category of a rate when nothing else is said: at 0 percent it is the zero rate."""
    return "Z" if rate == 0 else "S"


def _read_option(section: Section, currency: str, *, rate: Decimal, category: str) -> Option:
    own_rate = section.rate("tax_rate", required=False)
    differs = own_rate is not None and own_rate != rate
    option = Option(
        name=section.text("name", "Gift wrap"),
        price_minor=section.amount("price", currency),
        tax_rate=own_rate if own_rate is not None else rate,
        tax_category=category_of(own_rate) if differs else category,
    )
    section.close()
    return option


def _read_bundle(section: Section | None, currency: str) -> Bundle | None:
    if section is None:
        return None
    bundle = Bundle(id=section.text("id", "SET-1", limit=WORD_LIMIT), name=section.text("name", "Set"), price_minor=section.amount("price", currency))
    section.close()
    return bundle

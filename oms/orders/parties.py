"""Who is billed and where it goes: the customer and the addresses of an order document."""

from __future__ import annotations

import re
from functools import cache

from babel.core import get_global

from oms.addresses import is_address, is_electronic_address, unknown_scheme
from oms.orders.model import Address, Customer
from oms.orders.section import WORD_LIMIT, Section
from oms.orders.wording import shown

_VAT_ID = re.compile(r"[A-Z]{2}[A-Z0-9+*.-]{2,18}", re.ASCII)

_NO_COUNTRIES = frozenset(["AC", "BU", "CP", "CS", "DD", "DG", "EA", "EU", "IC", "SU", "TA", "TP", "YD", "YU", "ZR", "ZZ"])
"""What CLDR knows besides ISO 3166: islands of other countries, countries of the past, the Union."""
_MISTAKEN = {"UK": "GB", "EL": "GR"}


@cache
def countries() -> frozenset[str]:
    """The two-letter codes of ISO 3166, and XK for Kosovo."""
    codes = (code for code, aliased in get_global("territory_currencies").items() if aliased and len(code) == 2)  # noqa: PLR2004 - alpha-2
    return frozenset(codes) - _NO_COUNTRIES


def begins_with_its_country(vat_id: str) -> bool:
    """Whether a VAT id's first two letters are a country's (EN 16931 BR-CO-09): ISO 3166, EL for Greece, XI for Northern Ireland.

    Kosovo's numbers have none, and the standard knows no XK.
    """
    return vat_id[:2] in countries() - {"XK"} | {"EL", "XI"}


def read_customer(document: Section) -> Customer:
    """The `customer` of a document."""
    section = document.required_section("customer", '{"name": "Jana Novak", "email": "jana@example.com"}')
    customer = Customer(
        name=section.text("name", "Jana Novak"), email=_email(section), vat_id=_vat_id(section), electronic_address=_electronic_address(section)
    )
    section.close()
    return customer


def read_address(section: Section) -> Address:
    """An address: everything that the law wants on a paper."""
    address = Address(
        name=section.text("name", "Jana Novak"),
        extra=section.optional_text("extra"),
        street=section.text("street", "Marktplatz 2"),
        postcode=section.text("postcode", "80331", limit=20),
        city=section.text("city", "München"),
        country=_country(section),
    )
    section.close()
    return address


def _country(section: Section) -> str:
    value = section.require("country", '"DE"')
    if isinstance(value, str) and value in countries():
        return value
    if value is not None:
        hint = f'write "{_MISTAKEN[value]}"' if isinstance(value, str) and value in _MISTAKEN else 'write two capital letters, like "DE"'
        section.fault("country", f"{shown(value)} is no country of ISO 3166: {hint}.")
    return ""


def _email(section: Section) -> str | None:
    value = section.get("email")
    if value is None:
        return None
    if isinstance(value, str) and is_address(value):
        return value
    section.fault("email", f"must be one plain mail address, like jana@example.com, found {shown(value)}.")
    return None


def _vat_id(section: Section) -> str | None:
    given = section.optional_text("vat_id", limit=WORD_LIMIT)
    if given is None:
        return None
    vat_id = "".join(given.split()).upper()
    if _VAT_ID.fullmatch(vat_id) and begins_with_its_country(vat_id):
        return vat_id
    section.fault("vat_id", f'must begin with its country, like "DE123456788", found {shown(given)}.')
    return None


def _electronic_address(section: Section) -> str | None:
    given = section.optional_text("electronic_address", limit=WORD_LIMIT)
    if given is None:
        return None
    if not is_electronic_address(given):
        section.fault("electronic_address", f'must be its scheme and itself, like "0204:991-12345-06" or "EM:me@shop.example", found {shown(given)}.')
    elif fault := unknown_scheme(given):
        section.fault("electronic_address", fault)
    return given

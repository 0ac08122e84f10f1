"""What both syntaxes of an e-invoice say in codes (EN 16931): kinds, units, ways to pay, terms. Which text is meant is decided here, once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from oms.errors import Permanent
from oms.invoicing.compose import INVOICE
from oms.invoicing.model import Invoice, InvoiceLine, Party, TaxGroup
from oms.invoicing.seller import Seller
from oms.money import decimals_of, format_minor, round_half_up

EN16931 = "urn:cen.eu:en16931:2017"
"""BT-24: the profile of the European standard."""

DISCOUNT = "95"
"""UNCL 5189: a discount that has no name."""
FREIGHT = "FC"
"""UNCL 7161: a surcharge that has no name is for freight."""
VAT = "VAT"

_TYPES: Mapping[str, str] = MappingProxyType({"invoice": "380", "credit_note": "381"})
_UNITS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("stück", "stk", "stk.", "piece", "pieces", "pc", "pcs", "unit", "units", "pièce", "pièces"), "C62"),
        **dict.fromkeys(("paar", "pair", "pairs", "paire", "paires"), "PR"),
        **dict.fromkeys(("kg", "kilo", "kilogramm", "kilogram"), "KGM"),
        **dict.fromkeys(("g", "gramm", "gram"), "GRM"),
        **dict.fromkeys(("t", "tonne", "tonnen"), "TNE"),
        **dict.fromkeys(("m", "meter", "metre", "mètre"), "MTR"),
        **dict.fromkeys(("cm",), "CMT"),
        **dict.fromkeys(("mm",), "MMT"),
        **dict.fromkeys(("km",), "KMT"),
        **dict.fromkeys(("m²", "m2", "qm"), "MTK"),
        **dict.fromkeys(("m³", "m3"), "MTQ"),
        **dict.fromkeys(("l", "liter", "litre"), "LTR"),
        **dict.fromkeys(("ml",), "MLT"),
        **dict.fromkeys(("h", "std", "std.", "stunde", "stunden", "hour", "hours", "heure", "heures"), "HUR"),
        **dict.fromkeys(("min", "minute", "minuten", "minutes"), "MIN"),
        **dict.fromkeys(("tag", "tage", "day", "days", "jour", "jours"), "DAY"),
        **dict.fromkeys(("monat", "monate", "month", "months", "mois"), "MON"),
        **dict.fromkeys(("jahr", "jahre", "year", "years"), "ANN"),
    }
)
"""UN/ECE Recommendation 20. Whatever else a shop calls a unit is one of it."""
_ONE = "C62"

_TERMS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "de": ("Zahlbar bis {day}.", "Sofort zahlbar.", "Der Betrag wird erstattet oder verrechnet."),
        "en": ("Payable by {day}.", "Payable at once.", "The amount will be paid back or set off."),
        "fr": ("Payable au plus tard le {day}.", "Payable immédiatement.", "Le montant sera remboursé ou déduit."),
    }
)
_LARGEST_DECIMALS = 2
_NEAR = Decimal("0.02")
_COUNTRIES: Mapping[str, str] = MappingProxyType({"XK": "1A"})
"""Kosovo has no code of ISO 3166; the code list of EN 16931 gives it one of its own."""
_REGISTERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "BE": ("0208", "[01][0-9]{9}"),
        "DK": ("0184", "(DK)?[0-9]{8}"),
        "FR": ("0002", "[0-9]{9}"),
        "IS": ("0196", "[0-9]{10}"),
        "NL": ("0106", "[0-9]{8}"),
        "NO": ("0192", "[0-9]{9}"),
        "SE": ("0007", "[0-9]{10}"),
    }
)
"""ISO 6523: scheme and form of the numbers in a country's trade register."""


@dataclass(frozen=True, slots=True)
class Means:
    """How it is paid (BG-16)."""

    code: str  #: UNCL 4461
    text: str | None  #: BT-82
    iban: str | None


def check_amounts(invoice: Invoice) -> None:
    """Whether EN 16931 can say the document's amounts: two decimals at most (BR-DEC), taxes less than one whole unit from base * rate (BR-CO-17).

    Raises:
        Permanent: the currency has three; or it has none, and a part's tax, reckoned so that all parts sum to the whole, is a unit away.
    """
    for currency in (invoice.currency, invoice.home_tax.currency if invoice.home_tax else invoice.currency):
        if decimals_of(currency) > _LARGEST_DECIMALS:
            raise Permanent(f"{invoice.number} has no e-invoice: {currency} has three decimals, EN 16931 allows two. Its PDF is complete without.")
    if not all(_is_near(group, invoice.currency) for group in invoice.tax_groups):
        said = f"a tax in whole {invoice.currency}, which makes its order's documents sum up, is one unit from base * rate"
        raise Permanent(f"{invoice.number} has no e-invoice: {said}, EN 16931 allows less. Its PDF is complete without.")


def _is_near(group: TaxGroup, currency: str) -> bool:
    unit = 10 ** decimals_of(currency)
    wanted = Fraction(round_half_up(Fraction(100 * group.base_minor, unit) * Fraction(group.rate) / 100), 100)
    return abs(Fraction(group.tax_minor, unit) - wanted) < 1


def type_code(invoice: Invoice) -> str:
    """BT-3."""
    return _TYPES[invoice.kind]


def unit_code(unit: str | None) -> str:
    """BT-130."""
    return _UNITS.get((unit or "").strip().casefold(), _ONE)


def amount(minor: int, currency: str) -> str:
    """As it is written in XML: a dot, the decimals of the currency."""
    return format_minor(minor, currency)


def number(value: Decimal) -> str:
    """Without needless zeros."""
    return f"{value.normalize():f}"


def country_code(country: str) -> str:
    """BT-40, BT-55, BT-80."""
    return _COUNTRIES.get(country, country)


def legal_id(seller: Seller) -> tuple[str | None, dict[str, str]]:
    """BT-30 and, where its country's register has one, its scheme as an attribute."""
    found = seller.legal_id
    scheme, form = _REGISTERS.get(seller.country, ("", ""))
    bare = plain_id(found or "")
    return (bare, {"schemeID": scheme}) if scheme and re.fullmatch(form, bare) else (found, {})


def unit_price(invoice: Invoice, line: InvoiceLine) -> Decimal:
    """BT-146: as printed; finer, where a currency without cents would be further from the line than two hundredths (PEPPOL-EN16931-R120)."""
    if decimals_of(invoice.currency) == _LARGEST_DECIMALS or not line.quantity:
        return line.unit_price
    net = Decimal(line.net_minor).scaleb(-decimals_of(invoice.currency))
    if abs(line.unit_price * line.quantity - net) <= _NEAR:
        return line.unit_price
    decimals = len(str(abs(line.quantity))) + _LARGEST_DECIMALS
    return Decimal(round_half_up(Fraction(net) / line.quantity * 10**decimals)).scaleb(-decimals)


def supply_day(invoice: Invoice) -> date:
    """BT-72."""
    return invoice.supply_on or invoice.issued_on


def means(invoice: Invoice) -> Means:
    """A transfer, where something is due and the seller says where to; else it is settled some other way."""
    due, iban = invoice.totals.due_minor, invoice.seller.iban
    if invoice.kind == INVOICE and due > 0 and iban:
        elsewhere = "31" if invoice.seller.country == "DK" else "30"  # DK-R-005
        return Means("58" if invoice.currency == "EUR" else elsewhere, None, iban)
    is_dutch = invoice.seller.country == invoice.buyer.country == "NL"
    return Means("57" if is_dutch else "1", invoice.payment_method, None)  # as agreed: NL-R-008 knows no other that fits


def terms(invoice: Invoice) -> str | None:
    """BT-20, in the invoice's language: needed where something is due (BR-CO-25)."""
    by, at_once, back = _TERMS.get(invoice.locale[:2], _TERMS["en"])
    if invoice.totals.due_minor <= 0:
        return None
    if invoice.kind != INVOICE:
        return back
    return by.format(day=invoice.due_on.isoformat()) if invoice.due_on else at_once


def electronic_address(party: Party | Seller) -> tuple[str, str] | None:
    """BT-34, BT-49: scheme and address; the mail address, unless another one is known."""
    if party.electronic_address:
        scheme, _, address = party.electronic_address.partition(":")
        return scheme, address
    return ("EM", party.email) if party.email else None


def seller_ids(invoice: Invoice) -> tuple[str | None, str | None]:
    """BT-29 and BT-31. What is outside of tax bears no VAT id (BR-O-02), and a seller who has none is known by the tax number (BR-CO-26)."""
    seller = invoice.seller
    vat_id = None if is_outside(invoice) else seller.vat_id
    return (None if vat_id or seller.legal_id else seller.tax_number or seller.vat_id), vat_id


def is_outside(invoice: Invoice) -> bool:
    """Not subject to VAT at all."""
    return any(group.category == "O" for group in invoice.tax_groups)


def plain_id(text: str) -> str:
    """A VAT id or IBAN without blanks."""
    return "".join(text.split())

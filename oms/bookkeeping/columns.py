"""A booking as columns of DATEV's format: which there are is said by `extf.py`, what stands in them here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from oms.bookkeeping.accounts import EU
from oms.bookkeeping.booking import Booking
from oms.bookkeeping.cells import harmless
from oms.bookkeeping.client import Client
from oms.bookkeeping.extf import amount, legible
from oms.errors import Conflict
from oms.invoicing import Invoice
from oms.money import decimals_of

_DECIMALS = 2
_MOST_MINOR = 10**12
"""Ten digits before the comma."""
_SMALLEST, _LARGEST, _PLACES = Decimal(1), Decimal(10_000), 6
"""Rates of exchange that the column Kurs can say."""
_WITH_VAT_ID, _NORTHERN_IRELAND = frozenset({"K", "AE"}), "XI"
_TEXT, _NOTE, _UST_ID = 60, 210, 15
"""Characters."""


def fields_of(booking: Booking, client: Client) -> Mapping[str, str]:
    """The columns of a booking.

    Raises:
        Conflict: the amount is larger than the format's.
    """
    said, account = booking.said, booking.account
    if max(abs(booking.amount_minor), abs(booking.home_minor)) >= _MOST_MINOR:
        raise Conflict(f"An amount of {said.number} has more than ten digits: DATEV's format can't say it.")
    money, note = _money(booking)
    notes = [("Bestellung", said.order_reference), *([("Korrigiert", said.parent.number)] if said.parent else []), *note]
    return {
        **money,
        "Soll/Haben-Kennzeichen": "S" if booking.amount_minor > 0 else "H",
        "Konto": client.chart.debtor_account,
        "Gegenkonto (ohne BU-Schlüssel)": account.number,
        "BU-Schlüssel": account.tax_key,
        "Belegdatum": f"{booking.on:%d%m}",
        "Belegfeld 1": said.number,
        "Buchungstext": _free(f"Korrektur zu {said.parent.number} {said.buyer.name}" if said.parent else said.buyer.name, most=_TEXT),
        **_abroad(booking),
        **{
            column: text
            for place, (kind, content) in enumerate(notes, start=1)
            for column, text in (
                (f"Zusatzinformation - Art {place}", kind),
                (f"Zusatzinformation- Inhalt {place}", _free(content, most=_NOTE)),
            )
        },
        "Festschreibung": "0",
        **(_supplied(said) if client.supply_dates else {}),
        "Fälligkeit": f"{said.due_on:%d%m%Y}" if said.due_on and not said.parent else "",
    }


def _money(booking: Booking) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The amount; of a foreign currency with rate and base, or in the books' currency alone where the format can't say the rate."""
    home = amount(booking.home_minor, _DECIMALS)
    rate, decimals = booking.exchange_rate, decimals_of(booking.currency)
    if rate is None:
        return {"Umsatz (ohne Soll/Haben-Kz)": home, "WKZ Umsatz": booking.currency}, []
    written = f"{rate.normalize():f}"
    whole, _, places = written.partition(".")
    comma = f"{whole},{places.ljust(2, '0')}"
    if decimals > _DECIMALS or not _SMALLEST <= rate < _LARGEST or len(places) > _PLACES:
        original = f"{booking.currency} {Decimal(abs(booking.amount_minor)).scaleb(-decimals):f} zu {written}".replace(".", ",")
        return {"Umsatz (ohne Soll/Haben-Kz)": home, "WKZ Umsatz": booking.home_currency}, [("Währung", original)]
    fields = {
        "Umsatz (ohne Soll/Haben-Kz)": amount(booking.amount_minor, decimals),
        "WKZ Umsatz": booking.currency,
        "Kurs": comma,
        "Basis-Umsatz": home,
        "WKZ Basis-Umsatz": booking.home_currency,
    }
    return fields, []


def _abroad(booking: Booking) -> dict[str, str]:
    """What the tax office wants to know of other EU countries, and of no other: the buyer's VAT id, or the rate where the goods go."""
    said, group, named, column = booking.said, booking.group, booking.account.country, "EU-Land u. UStID (Bestimmung)"
    if group is None:
        return {}
    if group.rate and named in EU and named != said.seller.country:
        country = "EL" if named == "GR" else named
        return {column: country, "EU-Steuersatz (Bestimmung)": f"{group.rate:05.2f}".replace(".", ",")}
    vat_id = re.sub("[^A-Z0-9]", "", said.buyer.vat_id or "")
    is_abroad = said.buyer.country != said.seller.country and (said.buyer.country in EU or vat_id.startswith(_NORTHERN_IRELAND))
    if group.category in _WITH_VAT_ID and vat_id and is_abroad:
        return {column: vat_id[:_UST_ID]}
    return {}


def _supplied(said: Invoice) -> dict[str, str]:
    """When it was delivered. The tax belongs to that month, what a credit note takes back to the month of the credit note (§§ 13, 17 UStG)."""
    on = said.supply_on or said.issued_on
    taxed_on = said.issued_on if said.parent else on
    return {"Leistungsdatum": f"{on:%d%m%Y}", "Datum Zuord. Steuerperiode": f"{taxed_on:%d%m%Y}"}


def _free(text: str, *, most: int) -> str:
    return harmless(legible(text, most=most - 1))

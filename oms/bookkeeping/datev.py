"""The papers of a period as a booking batch for DATEV: one booking for each paper and tax rate, on the debtor's account.

Soll (S) is what the customer owes, Haben (H) what is given back: credit notes are turned. The revenue account knows its tax (Automatikkonto), or a
BU-Schlüssel of the settings says it. See `extf.py` for the format and its sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import IO

from oms.bookkeeping.accounts import Chart
from oms.bookkeeping.booking import Booking, at_home, bookings_of
from oms.bookkeeping.cells import harmless
from oms.bookkeeping.extf import MOST_BOOKINGS, Header, amount, heading, legible, line_of
from oms.bookkeeping.period import Entry, Period
from oms.errors import Conflict
from oms.money import decimals_of

_DECIMALS = 2
_MOST_MINOR = 10**12
"""Ten digits before the comma."""
_SMALLEST, _LARGEST, _PLACES = Decimal(1), Decimal(10_000), 6
"""Rates of exchange that the column Kurs can say."""
_TEXT, _NOTE, _UST_ID = 60, 210, 15
"""Characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Whose books they are."""

    consultant: int
    client: int
    fiscal_year_start: tuple[int, int]  #: month, day
    chart: Chart

    def fiscal_year(self, period: Period) -> date:
        """The day on which the fiscal year of a period begins.

        Raises:
            Conflict: it lies in two. A booking's date has no year of its own.
        """
        begins = date(period.since.year, *self.fiscal_year_start)
        if begins > period.since:
            begins = date(period.since.year - 1, *self.fiscal_year_start)
        following = date(begins.year + 1, *self.fiscal_year_start)
        if period.until >= following:
            raise Conflict(
                f"{period.since} and {period.until} lie in two fiscal years: write a file up to {following - timedelta(days=1)}, and one after it."
            )
        return begins


@dataclass(frozen=True, slots=True)
class Batch:
    """What was written."""

    papers: int
    bookings: int
    home_minor: int  #: the sum of both
    currency: str
    empty: int  #: papers of zero: they have no booking


def write_batch(papers: Iterable[Entry], *, client: Client, period: Period, at: datetime, currency: str, file: IO[bytes]) -> Batch:
    """Write the file. It may be given a name only if this ends well.

    Args:
        papers: Those of the period; each is looked at once.
        client: Whose books they are.
        period: In one fiscal year.
        at: Stands in the file as the moment of its making.
        currency: Of the books.
        file: At its beginning.

    Raises:
        Conflict: an account is missing, a sum differs, or it is too much for one file.
    """
    begins = client.fiscal_year(period)
    if decimals_of(currency) != _DECIMALS:
        raise Conflict(f"DATEV keeps books with two decimals, {currency} has {decimals_of(currency)}: use oms invoice csv.")
    header = Header(
        created_at=at,
        consultant=client.consultant,
        client=client.client,
        fiscal_year_start=begins,
        account_length=client.chart.length,
        since=period.since,
        until=period.until,
        currency=currency,
        chart=client.chart.name,
    )
    file.write(header.line() + heading())
    writer = _Writer(file, client.chart, currency)
    for entry in papers:
        writer.write(entry)
    return writer.closed()


@dataclass(slots=True)
class _Writer:
    """Writes bookings and keeps both sums."""

    file: IO[bytes]
    chart: Chart
    currency: str
    papers: int = 0
    bookings: int = 0
    empty: int = 0
    written_minor: int = 0
    wanted_minor: int = 0
    sellers: dict[str, str | None] = field(default_factory=dict)  #: of stores
    missing: dict[str, str] = field(default_factory=dict)  #: kind of tax → the first paper with it

    def write(self, entry: Entry) -> None:
        """A paper."""
        self.papers += 1
        self._agree(entry)
        bookings, missing = bookings_of(entry, self.chart)
        for key in missing:
            self.missing.setdefault(key, entry.said.number)
        self.wanted_minor += at_home(entry.document.signed_minor, entry.said)
        worth = [booking for booking in bookings if booking.home_minor]  # the format knows no zero
        self.empty += not worth
        for booking in worth:
            self.file.write(line_of(fields_of(booking, self.chart)))
            self.written_minor += booking.home_minor
        self.bookings += len(worth)

    def closed(self) -> Batch:
        """What was written, once it is known to be right."""
        if self.missing:
            told = ", ".join(f'"{key}" ({number})' for key, number in sorted(self.missing.items()))
            raise Conflict(f'No account is known for {told}: write it as "{min(self.missing)}" = "8400" to config/oms.toml, datev.revenue.')
        if self.bookings > MOST_BOOKINGS:
            raise Conflict(f"These are {self.bookings:,} bookings, a file for DATEV holds {MOST_BOOKINGS:,}: write one for fewer days.")
        if self.written_minor != self.wanted_minor:
            raise Conflict(f"The bookings sum to {self.written_minor}, the papers to {self.wanted_minor} minor units: nothing is written.")
        return Batch(self.papers, self.bookings, self.written_minor, self.currency, self.empty)

    def _agree(self, entry: Entry) -> None:
        """One file is one seller's, in one currency."""
        said = entry.said
        if (home := said.home_tax.currency if said.home_tax else said.currency) != self.currency:
            raise Conflict(f"{said.number} is booked in {home}, the others in {self.currency}: write a file for each store, with --store.")
        self.sellers.setdefault(said.store, said.seller.vat_id or said.seller.tax_number)
        if len(set(self.sellers.values())) > 1:
            raise Conflict(f"The stores {' and '.join(self.sellers)} have different sellers: write a file for each, with --store.")


def fields_of(booking: Booking, chart: Chart) -> Mapping[str, str]:
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
        "Konto": chart.debtor_account,
        "Gegenkonto (ohne BU-Schlüssel)": account.number,
        "BU-Schlüssel": account.tax_key,
        "Belegdatum": f"{booking.on:%d%m}",
        "Belegfeld 1": said.number,
        "Buchungstext": _free(f"Korrektur zu {said.parent.number} {said.buyer.name}" if said.parent else said.buyer.name, most=_TEXT),
        **({} if booking.is_rounding else _abroad(booking)),
        **{
            column: text
            for place, (kind, content) in enumerate(notes, start=1)
            for column, text in (
                (f"Zusatzinformation - Art {place}", kind),
                (f"Zusatzinformation- Inhalt {place}", _free(content, most=_NOTE)),
            )
        },
        "Festschreibung": "0",
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
    """What the tax office wants to know of other EU countries: the buyer's VAT id, or the rate where the goods go."""
    said, column = booking.said, "EU-Land u. UStID (Bestimmung)"
    named = booking.account.country
    if booking.tax_rate and named and named != said.seller.country:
        country = "EL" if named == "GR" else named
        return {column: country, "EU-Steuersatz (Bestimmung)": f"{booking.tax_rate:05.2f}".replace(".", ",")}
    if booking.tax_rate == 0 and said.buyer.vat_id and said.buyer.country != said.seller.country:
        return {column: re.sub("[^A-Z0-9]", "", said.buyer.vat_id)[:_UST_ID]}
    return {}


def _free(text: str, *, most: int) -> str:
    return harmless(legible(text, most=most - 1))

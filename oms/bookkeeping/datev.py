"""The papers of a period as a booking batch for DATEV: one booking for each paper and tax rate, on the debtor's account.

Soll (S) is what the customer owes, Haben (H) what is given back: credit notes are turned. The revenue account knows its tax (Automatikkonto), or a
BU-Schlüssel of the settings says it. See `extf.py` for the format and its sources, `columns.py` for what stands in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO

from oms.bookkeeping.booking import at_home, bookings_of
from oms.bookkeeping.client import Client
from oms.bookkeeping.columns import fields_of
from oms.bookkeeping.extf import MOST_BOOKINGS, Header, heading, line_of
from oms.bookkeeping.period import Entry, Period
from oms.errors import Conflict
from oms.money import decimals_of

_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """What was written."""

    papers: int
    bookings: int
    home_minor: int  #: the sum of both
    currency: str
    empty: int  #: papers of zero: they have no booking
    files: int


def write_batch(
    papers: Iterable[Entry],
    *,
    client: Client,
    period: Period,
    at: datetime,
    currency: str,
    file: Callable[[int], IO[bytes]],
    most: int = MOST_BOOKINGS,
) -> Batch:
    """Write the bookings, to further files where one is full. Files may be given names only if this ends well.

    Args:
        papers: Those of the period; each is looked at once.
        client: Whose books they are.
        period: In one fiscal year.
        at: Stands in the file as the moment of its making.
        currency: Of the books.
        file: Opens the first, the second …, each when it is needed.
        most: Bookings in a file; those of a paper stay together.

    Raises:
        Conflict: an account is missing, a sum differs, or an amount is too large for the format.
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
    writer = _Writer(file, header, client, most)
    for entry in papers:
        writer.write(entry)
    return writer.closed()


@dataclass(slots=True)
class _Writer:
    """Writes bookings and keeps both sums."""

    open: Callable[[int], IO[bytes]]
    header: Header
    client: Client
    most: int
    file: IO[bytes] = field(init=False)
    files: int = 0
    left: int = 0  #: bookings for which the file has room
    papers: int = 0
    bookings: int = 0
    empty: int = 0
    written_minor: int = 0
    wanted_minor: int = 0
    sellers: dict[str, str | None] = field(default_factory=dict)  #: of stores
    missing: dict[str, str] = field(default_factory=dict)  #: kind of tax → the first paper with it

    def __post_init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        """The next file."""
        self.files += 1
        self.file, self.left = self.open(self.files), self.most
        self.file.write(replace(self.header, number=self.files).line() + heading())

    def write(self, entry: Entry) -> None:
        """A paper."""
        self.papers += 1
        self._agree(entry)
        bookings, missing = bookings_of(entry, self.client.chart)
        for key in missing:
            self.missing.setdefault(key, entry.said.number)
        self.wanted_minor += at_home(entry.document.signed_minor, entry.said)
        worth = [booking for booking in bookings if booking.home_minor]  # the format knows no zero
        self.empty += not worth
        if len(worth) > self.left:
            self._begin()
        for booking in worth:
            self.file.write(line_of(fields_of(booking, self.client)))
            self.written_minor += booking.home_minor
        self.bookings += len(worth)
        self.left -= len(worth)

    def closed(self) -> Batch:
        """What was written, once it is known to be right."""
        if self.missing:
            told = ", ".join(f'"{key}" ({number})' for key, number in sorted(self.missing.items()))
            raise Conflict(f'No account is known for {told}: write it as "{min(self.missing)}" = "8400" to config/oms.toml, datev.revenue.')
        if self.written_minor != self.wanted_minor:
            raise Conflict(f"The bookings sum to {self.written_minor}, the papers to {self.wanted_minor} minor units: nothing is written.")
        return Batch(self.papers, self.bookings, self.written_minor, self.header.currency, self.empty, self.files)

    def _agree(self, entry: Entry) -> None:
        """The files are one seller's, in one currency."""
        said = entry.said
        if (home := said.home_tax.currency if said.home_tax else said.currency) != self.header.currency:
            raise Conflict(f"{said.number} is booked in {home}, the others in {self.header.currency}: write a file for each store, with --store.")
        self.sellers.setdefault(said.store, said.seller.vat_id or said.seller.tax_number)
        if len(set(self.sellers.values())) > 1:
            raise Conflict(f"The stores {' and '.join(self.sellers)} have different sellers: write a file for each, with --store.")

"""A paper as bookings: what the customer owes, by tax rate. Nothing here knows a file format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from oms.bookkeeping.accounts import ROUNDING, Account, Chart, keys_of
from oms.bookkeeping.period import Entry
from oms.errors import Conflict
from oms.invoicing import Invoice, TaxGroup
from oms.money import decimals_of, format_minor, round_half_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One amount that a customer owes (more than zero) or is owed back (less), on the debtor's account."""

    amount_minor: int  #: with tax, in the paper's currency
    currency: str
    home_minor: int  #: the same in the books' currency
    home_currency: str
    exchange_rate: Decimal | None  #: units of `currency` for one of `home_currency`; None: they are one
    account: Account  #: of the revenue
    group: TaxGroup | None  #: what it is taxed with; None: BT-114, what is paid beside the tax rates
    said: Invoice

    @property
    def on(self) -> date:
        """The paper's date."""
        return self.said.issued_on


def bookings_of(entry: Entry, chart: Chart) -> tuple[list[Booking], list[str]]:
    """The bookings of a paper, one for each tax group that is not zero, and the kinds of tax that have no account.

    In the books' currency they sum to the paper's amount at its rate, to the cent: each takes what is rounded up to it, less what came before it.

    Raises:
        Conflict: they don't sum to what the books say of the paper.
    """
    said, sign = entry.said, entry.sign
    parts: list[tuple[int, Account | str, TaxGroup | None]] = [
        (sign * (group.base_minor + group.tax_minor), chart.find(*keys_of(said, group)) or keys_of(said, group)[-1], group)
        for group in said.tax_groups
    ]
    parts.append((sign * said.totals.rounding_minor, chart.find(ROUNDING) or ROUNDING, None))
    _check(entry, sum(part[0] for part in parts))
    home = said.home_tax
    done, before, made, missing = 0, 0, list[Booking](), list[str]()
    for amount, account, group in parts:
        done += amount
        worth = at_home(done, said)
        if amount and isinstance(account, str):
            missing.append(account)
        elif amount and isinstance(account, Account):
            made.append(
                Booking(
                    amount_minor=amount,
                    currency=said.currency,
                    home_minor=worth - before,
                    home_currency=home.currency if home else said.currency,
                    exchange_rate=home.exchange_rate if home else None,
                    account=account,
                    group=group,
                    said=said,
                )
            )
        before = worth
    return made, missing


def at_home(minor: int, said: Invoice) -> int:
    """An amount of a paper in the books' currency, minor units."""
    home = said.home_tax
    if home is None:
        return minor
    scale = Fraction(10) ** (decimals_of(home.currency) - decimals_of(said.currency))
    return round_half_up(minor * scale / Fraction(home.exchange_rate))


def _check(entry: Entry, total: int) -> None:
    if total != entry.document.signed_minor:
        wanted, found = (format_minor(minor, entry.said.currency) for minor in (entry.document.signed_minor, total))
        raise Conflict(f"The books have {wanted} for {entry.said.number}, its tax rates sum to {found}: nothing is written. See: oms invoice verify")

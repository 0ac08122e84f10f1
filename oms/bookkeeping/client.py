"""Whose books are kept: how DATEV finds them, and by which accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from oms.bookkeeping.accounts import Chart
from oms.bookkeeping.period import Period
from oms.errors import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Whose books they are."""

    consultant: int
    client: int
    fiscal_year_start: tuple[int, int]  #: month, day
    chart: Chart
    supply_dates: bool = False  #: whether bookings say when it was delivered, and so to which month its tax belongs

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

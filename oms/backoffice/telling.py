"""How pages say times, ages and sentences, in the reader's language and the store's zone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta

from oms.backoffice.rendering import words_in
from oms.backoffice.sentences import sentence_in
from oms.documents.formats import money_in
from oms.process.model import Titles, title_in

_SIZES = (86_400, 3_600, 60, 1)
"""Seconds of a day, an hour, a minute, a second."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language, at one moment, somewhere."""

    locale: str
    now: datetime
    zone: str

    def word(self, name: str, **values: object) -> str:
        """A word of the catalogue with its places filled."""
        return words_in(self.locale)[name].format(**values)

    def said(self, sentence: str) -> str:
        """A sentence of the house, as far as the catalogue has it."""
        return sentence_in(self.locale, sentence)

    def title(self, titles: Titles, name: str) -> str:
        """What a state or event is called."""
        return title_in(self.locale, titles, name)

    def when(self, at: datetime) -> dict[str, str]:
        """How long ago, or in how long; the exact time beside it."""
        return self._moment(at, _span(_seconds(at - self.now), self.locale, aimed=True))

    def due(self, at: datetime) -> dict[str, str]:
        """In how long something is to be done; what is past is to be done now, whenever a worker comes. An open page counts down."""
        left = _seconds(at - self.now)
        if left <= 0:
            return self._moment(at, self.word("now"))
        return self._moment(at, self.word("in_time", time=_left(left, self.word("time_units").split()))) | {"left": f"{left}"}

    def age(self, since: datetime) -> dict[str, str]:
        """How long it has been so."""
        return self._moment(since, self.span(self.now - since))

    def money(self, minor: int, currency: str) -> str:
        """An amount with its currency: `148,50 €`."""
        return money_in(self.locale, minor, currency)

    def span(self, how_long: timedelta) -> str:
        """As people say it."""
        return _span(_seconds(how_long), self.locale)

    def day(self, on: date) -> str:
        """A day."""
        return format_date(on, "medium", locale=self.locale)

    @property
    def today(self) -> date:
        """The day that it is there."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def _moment(self, at: datetime, text: str) -> dict[str, str]:
        return {"iso": at.isoformat(), "exact": _exact(at.replace(microsecond=0), self.zone, self.locale), "text": text}

    def several(self, name: str, count: int, **values: Any) -> str:
        """A word that knows one and many: `items_one`, `items_many`."""
        return self.word(f"{name}_one" if count == 1 else f"{name}_many", count=count, **values)


def _seconds(how_long: timedelta) -> int:
    return how_long // timedelta(seconds=1)


Unit = Literal["second", "day", "week", "month", "year"]
_UNITS: tuple[tuple[Unit, float], ...] = (("second", 1), ("day", 14), ("week", 59), ("month", 730), ("year", math.inf))
"""Units, and the days below which each says enough: `in 10 days`, `in 6 weeks`, `in 2 months`."""

# Kept: lists say the same moments again and again, and saying one takes Babel as long as drawing half of a row.


@lru_cache(maxsize=4096)
def _exact(at: datetime, zone: str, locale: str) -> str:
    here = at.astimezone(ZoneInfo(zone))
    return f"{format_datetime(here, 'medium', locale=locale)} {here.tzname()}"


def _left(seconds: int, units: Sequence[str]) -> str:
    """The two largest units: `17 h 48 min`; the script of the pages says it alike."""
    first = next(place for place, size in enumerate(_SIZES) if seconds >= size)
    told = []
    for unit, size in list(zip(units, _SIZES, strict=True))[first : first + 2]:
        number, seconds = divmod(seconds, size)
        told += [f"{number} {unit}"] if number else []
    return " ".join(told)


@lru_cache(maxsize=4096)
def _span(seconds: int, locale: str, *, aimed: bool = False) -> str:
    """`aimed`: it says whether that is to come or has passed. From a day on the unit is ours, for Babel's says "1 month" the day after "4 weeks"."""
    unit = next(unit for unit, below in _UNITS if abs(seconds) // 86_400 < below)
    fits = 1.0 if unit == "second" else math.inf  # seconds, minutes or hours; else this very unit
    return format_timedelta(timedelta(seconds=seconds), granularity=unit, threshold=fits, add_direction=aimed, locale=locale)

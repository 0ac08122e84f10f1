"""How pages say how long something takes: one unit, never more exact than it says, and never less the longer it takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oms.backoffice.telling import Tongue

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
DAYS = {"day": 1, "week": 7, "month": 30, "year": 365, "Tag": 1, "Woche": 7, "Monat": 30, "Jahr": 365}


def said(days: float, locale: str = "en") -> str:
    """Of what is to come."""
    return Tongue(locale, NOW, "Europe/Berlin").when(NOW + timedelta(days=days))["text"]


@pytest.mark.parametrize(
    ("days", "english", "german"),
    [
        (1, "in 1 day", "in 1 Tag"),
        (7, "in 7 days", "in 7 Tagen"),
        (13, "in 13 days", "in 13 Tagen"),
        (14, "in 2 weeks", "in 2 Wochen"),
        (28, "in 4 weeks", "in 4 Wochen"),
        (31, "in 4 weeks", "in 4 Wochen"),
        (45, "in 6 weeks", "in 6 Wochen"),
        (60, "in 2 months", "in 2 Monaten"),
        (365, "in 12 months", "in 12 Monaten"),
        (730, "in 2 years", "in 2 Jahren"),
        (-30, "4 weeks ago", "vor 4 Wochen"),
    ],
)
def test_a_time_is_said_in_a_unit_of_which_there_are_two(days: int, english: str, german: str) -> None:
    assert (said(days), said(days, "de")) == (english, german)


def test_what_is_under_a_day_is_said_as_before() -> None:
    assert [said(hours / 24) for hours in (1, 2, 23)] == ["in 1 hour", "in 2 hours", "in 23 hours"]
    assert said(90 / 86_400) == "in 2 minutes"


@pytest.mark.parametrize("locale", ["en", "de"])
def test_what_takes_longer_never_sounds_shorter(locale: str) -> None:
    told = [said(quarter / 4, locale).split() for quarter in range(4, 4 * 1200)]
    lasts = [int(number) * next(days for unit, days in DAYS.items() if word.startswith(unit)) for _, number, word in told]
    assert lasts == sorted(lasts)

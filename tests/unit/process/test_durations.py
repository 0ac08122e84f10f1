"""Durations in process files and settings (rule 49, bad input 40)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.process.durations import LONGEST, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
        ("2w", timedelta(days=14)),
        ("1d 12h", timedelta(days=1, hours=12)),
        ("1d12h", timedelta(days=1, hours=12)),
        ("3650d", LONGEST),
        ("521w 3d", LONGEST),
    ],
)
def test_a_duration_is_a_sum_of_seconds_minutes_hours_days_and_weeks(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


MISSPELT = ["15", "1:30", "-1 hour", "0 s", "1 fortnight", "1e9 days", "P1Y", "", " ", "1d ", " 1d", "1.5h", "1_0d", "٣d", "1D", "1d\n", "1d\n2h"]
OUT_OF_RANGE = ["0s", "0d 0h", "3651d", "3650d 1s", "999999999w", "9" * 10 + "s", "9" * 5000 + "d"]


@pytest.mark.parametrize("text", MISSPELT + OUT_OF_RANGE)
def test_anything_else_is_refused_by_a_sentence_that_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no duration: use 30s, 15m, 2h, 10d, .* more than 0, at most 3650d\.$") as refused:
        parse_duration(text)
    assert len(str(refused.value)) < 200


@given(st.integers(min_value=1, max_value=LONGEST // timedelta(seconds=1)))
def test_what_is_written_is_read_back(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(("duration", "text"), [(timedelta(weeks=2), "14d"), (timedelta(hours=36), "1d 12h"), (timedelta(seconds=90), "1m 30s")])
def test_a_duration_is_written_in_one_way(duration: timedelta, text: str) -> None:
    assert format_duration(duration) == text


@pytest.mark.parametrize("duration", [timedelta(), timedelta(seconds=-1), timedelta(milliseconds=1500), LONGEST + timedelta(seconds=1)])
def test_what_could_not_be_read_back_is_not_written(duration: timedelta) -> None:
    with pytest.raises(ValueError, match="can't be written as a duration"):
        format_duration(duration)

"""Durations as people write them in process files and settings: `30s`, `15m`, `1d 12h`. Text to `timedelta` and back, nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

LONGEST = timedelta(days=3650)
"""No duration is longer: what is meant to wait for more than ten years is a mistake."""

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}  # in the order in which they are written
_SECONDS_READ = {"w": 604_800, **_SECONDS}
_PART = r"(\d{1,9})([wdhms])"  # ten digits are too long, even as seconds
_SUM = re.compile(rf"{_PART}(?: *{_PART})*", re.ASCII)


def parse_duration(text: str) -> timedelta:
    """Read a sum of seconds, minutes, hours, days and weeks.

    Raises:
        ValueError: with a sentence that says what a duration looks like.
    """
    if _SUM.fullmatch(text):
        seconds = sum(int(number) * _SECONDS_READ[unit] for number, unit in re.findall(_PART, text))
        if 0 < seconds <= LONGEST.total_seconds():
            return timedelta(seconds=seconds)
    raise ValueError(f"{text!r:.80} is no duration: use 30s, 15m, 2h, 10d, 2w or a sum such as 1d 12h; more than 0, at most 3650d.")


def format_duration(duration: timedelta) -> str:
    """The one way to write a duration, in days and less: `14d`, `1d 12h`. `parse_duration` reads it back.

    Raises:
        ValueError: it is not in whole seconds, not more than 0 or more than 3650 days.
    """
    if duration % timedelta(seconds=1) or not timedelta() < duration <= LONGEST:
        raise ValueError(f"{duration} can't be written as a duration: it must be in whole seconds, more than 0, at most 3650d.")
    rest, parts = duration // timedelta(seconds=1), []
    for unit, seconds in _SECONDS.items():
        number, rest = divmod(rest, seconds)
        if number:
            parts.append(f"{number}{unit}")
    return " ".join(parts)

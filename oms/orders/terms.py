"""Payment terms: how long a customer may take to pay."""

from __future__ import annotations

import re
from datetime import timedelta

LONGEST_DAYS = 365

_TERMS = re.compile(r"(\d{1,3})([dw])", re.ASCII)
_DAYS = {"d": 1, "w": 7}


def parse_terms(terms: str) -> timedelta:
    """`14d` or `2w` as a time; `0d` is: at once.

    Raises:
        ValueError: it is something else, or longer than a year.
    """
    match = _TERMS.fullmatch(terms)
    days = int(match[1]) * _DAYS[match[2]] if match else LONGEST_DAYS + 1
    if days > LONGEST_DAYS:
        raise ValueError(f"write payment terms in days or weeks, like 14d or 2w; at most {LONGEST_DAYS}d.")
    return timedelta(days=days)

"""One thing that `oms doctor` looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Line:
    """What was looked at, and what was found."""

    mark: Literal["ok", "note", "PROBLEM"]  #: a note works, but should not stay so
    what: str
    said: str
    mend: str | None = None  #: what to do about it, if `said` doesn't say so


def so_many(number: int, what: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {what if number == 1 else f'{what}s'}"

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

"""What waits to be printed by a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Printing:
    """A paper that a person has to print."""

    document: int
    listed_at: datetime
    printed_at: datetime | None
    printed_by: str | None

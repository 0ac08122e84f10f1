"""Series of numbers, and the papers that hang in them, each on the one before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one store, kind of paper and year."""

    key: str  #: `main:invoice:2026`
    last: int  #: the last one that was drawn, or that another system gave away before
    last_date: date  #: stands on its paper; no later paper is dated before it. A day before its year: none was drawn yet

    @property
    def has_begun(self) -> bool:
        """Whether a number was drawn."""
        return self.last_date.year >= int(self.key.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class Span:
    """Papers of a series whose numbers follow on each other, without one missing."""

    series: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Link:
    """An issued paper with what its hash covers."""

    document: int
    store: str
    kind: str
    seq: int
    number: str
    issued_on: date
    due_on: date | None
    currency: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    rounding_minor: int
    paid_minor: int
    parent: str  #: of a credit note: id of the invoice that it corrects; else ""
    snapshot: str  #: canonical JSON text
    sha256: str  #: of the hash before and the snapshot
    previous_sha256: str | None  #: of the paper before; None: it is the first one


def content_sha256(snapshot: str, previous: str | None) -> str:
    """The hash of an issued paper: it covers what stands on it, and by the hash before it all that was issued earlier."""
    return hashlib.sha256(f"{previous or ''}\n{snapshot}".encode()).hexdigest()

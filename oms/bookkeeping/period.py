"""The papers of some days, one after the other: however many there are, few of them are in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from oms.errors import Conflict
from oms.invoicing import CREDIT_NOTE, Invoice, invoice_from_json
from oms.ports.records import Document
from oms.ports.store import Store

AT_ONCE = 200
"""Papers that are in memory together."""


@dataclass(frozen=True, slots=True)
class Period:
    """Some days, both ends included."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise Conflict(f"There is no day from {self.since} to {self.until}: the first day comes first.")


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper and what stands on it."""

    document: Document
    said: Invoice

    @property
    def sign(self) -> int:
        """-1 where it gives back: a credit note's amounts are positive themselves."""
        return -1 if self.said.kind == CREDIT_NOTE else 1


def entries(store: Store, period: Period, *, of: str | None = None) -> Iterator[Entry]:
    """The papers of a period in the order of their issue. Each some are read in a transaction of their own, so that nobody waits.

    Args:
        store: The database.
        period: By the date that stands on the paper.
        of: The store that issued them; None: all.

    Raises:
        ValueError: a newer oms wrote one.
    """
    some = _some(store, period, of=of, after=0)
    while some:
        for document, snapshot in some:
            yield Entry(document, invoice_from_json(snapshot))
        some = _some(store, period, of=of, after=some[-1][0].id)


def _some(store: Store, period: Period, *, of: str | None, after: int) -> list[tuple[Document, str]]:
    with store.reading() as work:
        issued = work.documents.issued(period.since, period.until, store=of, after=after, limit=AT_ONCE)
        return [(document, work.documents.snapshot(document.id)) for document in issued]

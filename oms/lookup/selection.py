"""Papers that a list of invoices shows, for the files that bookkeeping makes of them: in the order of their issue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from oms.bookkeeping.period import Entry, Period, entries
from oms.errors import NotFound
from oms.invoicing import invoice_from_json
from oms.ports.records import Document

if TYPE_CHECKING:
    from oms.bootstrap import Shop

AT_ONCE = 500
"""Lines of the list that are read together."""


def period_of(shop: Shop, store: str, *, since: date | None, until: date | None) -> Period:
    """These days; where one isn't said: from the store's first paper, until today.

    Raises:
        Conflict: the last day comes before the first.
    """
    until = until or shop.today(store)
    if since is None:
        with shop.store.reading() as work:
            first = work.documents.issued(date.min, date.max, store=store, after=0, limit=1)
        since = min(first[0].issued_on, until) if first else until
    return Period(since, until)


def selected(shop: Shop, store: str, period: Period, narrowed: Mapping[str, Any]) -> Iterator[Entry]:
    """The papers of a store and period.

    Args:
        shop: Where.
        store: Whose.
        period: By the date on the paper.
        narrowed: As the fields of `oms.ports.views.InvoiceFilter`: by kind, payment state, what is to print; nothing: all of them.
    """
    found = entries(shop.store, period, of=store)
    if not narrowed:
        return found
    wanted = _listed(shop, {"store": store, "issued_from": period.since, "issued_to": period.until, "today": shop.days(), **narrowed})
    return (entry for entry in found if entry.document.id in wanted)


def chosen(shop: Shop, store: str, numbers: Sequence[str]) -> tuple[Period, Iterator[Entry]]:
    """The papers of a store that have these numbers, and the days from the first of them to the last.

    Raises:
        NotFound: none of them is there.
    """
    with shop.store.reading() as work:
        found = work.documents.mentioned(numbers, store=store)
    if not found:
        raise NotFound(f'There is no invoice "{numbers[0][:80]}". `oms invoice list` shows what there is.')
    days = [document.issued_on for document in found]
    return Period(min(days), max(days)), _told(shop, found)


def _told(shop: Shop, documents: Sequence[Document]) -> Iterator[Entry]:
    for document in documents:
        with shop.store.reading() as work:
            snapshot = work.documents.snapshot(document.id)
        yield Entry(document, invoice_from_json(snapshot))


def _listed(shop: Shop, asked: Mapping[str, Any]) -> set[int]:
    ids: set[int] = set()
    lines = shop.views.invoices(**asked, limit=AT_ONCE)
    while lines:
        ids |= {line.document.id for line in lines}
        lines = shop.views.invoices(**asked, limit=AT_ONCE, after=lines[-1].document.id)
    return ids

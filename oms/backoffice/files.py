"""Files of what a list shows: invoices as CSV and ZIP, orders as CSV. Rows are written while they are read; a ZIP is sent when it is whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO, Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from oms.api.entry import ShopHere
from oms.backoffice.arriving import PAGE
from oms.backoffice.failures import PageRoute
from oms.backoffice.invoices import Asked, Wanted
from oms.backoffice.search import wanted_of
from oms.backoffice.visitor import Visitor, Visits
from oms.bookkeeping.cells import line_of, money
from oms.bookkeeping.handover import hand_over
from oms.bookkeeping.period import Entry, Period
from oms.bookkeeping.table import table
from oms.bootstrap import Shop
from oms.lookup.orders import Sought, seek
from oms.lookup.selection import chosen, period_of, selected

router = APIRouter(prefix="/stores/{store}", route_class=PageRoute)

Reads = Annotated[Visitor, Depends(Visits("invoices.read"))]
Numbers = Annotated[list[str] | None, Query(max_length=PAGE)]
COLUMNS = ("reference", "customer", "placed_at", "process", "states", "total", "currency", "needs_attention", "held")
AT_ONCE = 500
"""Orders that are in memory together."""
CHUNK = 64 * 1024
"""Bytes of a ZIP that are in memory together."""


@router.get("/invoices/export.csv", operation_id="exportInvoices")
def invoices_csv(visitor: Reads, shop: ShopHere, wanted: Wanted, number: Numbers = None) -> Response:
    """The papers that were ticked, or all that the list is narrowed to; a row for each tax rate."""
    period, papers = _papers(shop, visitor, wanted, number)
    return sent(table(papers), name=f"invoices-{period.since}-{period.until}.csv", media_type="text/csv; charset=utf-8")


@router.get("/invoices/export.zip", operation_id="exportInvoices")
def invoices_zip(visitor: Reads, shop: ShopHere, wanted: Wanted, number: Numbers = None) -> Response:
    """Their PDFs and e-invoices with a table of them. It is sent when it is whole: a file that is lost is an error, no short ZIP."""
    period, papers = _papers(shop, visitor, wanted, number)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed when the last byte is sent
    try:
        hand_over(shop.store, shop.archive, papers, period=period, file=file)
    except BaseException:
        file.close()
        raise
    return sent(_chunks(file), name=f"invoices-{period.since}-{period.until}.zip", media_type="application/zip")


@router.get("/orders.csv", operation_id="exportOrders")
def orders_csv(
    visitor: Annotated[Visitor, Depends(Visits("orders.read"))],
    shop: ShopHere,
    q: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(pattern="^(newest|oldest)$")] = "newest",
) -> Response:
    """All orders that the box asks for, a row each."""
    wanted = wanted_of(shop, visitor, q, now=visitor.tongue.now, sort=sort, limit=AT_ONCE)
    return sent(_orders(shop, wanted), name=f"orders-{shop.today(visitor.store)}.csv", media_type="text/csv; charset=utf-8")


def _orders(shop: Shop, wanted: Sought) -> Iterator[bytes]:
    yield line_of(COLUMNS)
    lines = seek(shop, wanted)
    while lines:
        for line in lines:
            states = "; ".join(f"{state} {number}" for state, number in line.states.items())
            about = (line.reference, line.customer_name, line.placed_at.isoformat(timespec="seconds"), line.process, states)
            yield line_of((*about, money(line.gross_minor, line.currency), line.currency, "yes" if line.attention else "", line.held))
        lines = seek(shop, replace(wanted, after=lines[-1].id))


def sent(pieces: Iterator[bytes], *, name: str, media_type: str) -> Response:
    """A file that is kept by whoever asked for it."""
    return StreamingResponse(pieces, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _papers(shop: Shop, visitor: Visitor, wanted: Asked, numbers: Sequence[str] | None) -> tuple[Period, Iterator[Entry]]:
    if numbers:
        return chosen(shop, visitor.store, numbers)
    period = period_of(shop, visitor.store, since=wanted.since, until=wanted.until)
    return period, selected(shop, visitor.store, period, wanted.narrowed)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece

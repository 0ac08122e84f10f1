"""Plain CSV: a row for each paper and tax rate, for any program that counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oms.bookkeeping.cells import line_of, money, rate
from oms.bookkeeping.period import Entry

COLUMNS = (
    *("number", "kind", "store", "issued_on", "due_on", "supply_on", "order", "corrects"),
    *("customer", "country", "vat_id", "currency"),
    *("tax_category", "tax_rate", "net", "tax", "gross"),
    *("document_net", "document_tax", "document_gross", "rounding", "payable"),
    *("home_currency", "exchange_rate", "document_home_tax"),
)
"""What stands where. Amounts of credit notes are negative; `net`, `tax`, `gross` are those of the rate, `document_…` those of the paper."""


def table(papers: Iterable[Entry]) -> Iterator[bytes]:
    """The heading, then the rows of each paper."""
    yield line_of(COLUMNS)
    for entry in papers:
        yield from map(line_of, _rows(entry))


def _rows(entry: Entry) -> Iterator[tuple[object, ...]]:
    said, sign = entry.said, entry.sign

    def amount(minor: int) -> str:
        return money(sign * minor, said.currency)

    totals, home = said.totals, said.home_tax
    about = (said.number, said.kind, said.store, said.issued_on, said.due_on, said.supply_on or said.issued_on, said.order_reference)
    parent = said.parent.number if said.parent else None
    sums = (totals.net_minor, totals.tax_minor, totals.gross_minor, totals.rounding_minor, totals.gross_minor + totals.rounding_minor)
    abroad = (home.currency, rate(home.exchange_rate), money(sign * home.tax_minor, home.currency)) if home else (None, None, None)
    for group in said.tax_groups:
        parts = (group.base_minor, group.tax_minor, group.base_minor + group.tax_minor)
        yield (
            *(*about, parent, said.buyer.name, said.buyer.country, said.buyer.vat_id, said.currency),
            *(group.category, rate(group.rate), *map(amount, parts)),
            *(*map(amount, sums), *abroad),
        )

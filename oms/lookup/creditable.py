"""What is left of an invoice: line by line, as whoever writes a credit note by hand is asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oms.invoicing import Rest, invoice_from_json, open_units, rest_of
from oms.lookup.order import OrderPage

if TYPE_CHECKING:
    from oms.bootstrap import Shop


@dataclass(frozen=True, slots=True)
class CreditableLine:
    """A line of the order of which something is left."""

    line: int
    name: str
    units: int  #: billed and not credited; 0: an amount alone can be given
    minor: int  #: what is left of its amounts, its voucher taken off; with the tax if the order's prices hold it


@dataclass(frozen=True, slots=True)
class Creditable:
    """What is left of one invoice."""

    lines: tuple[CreditableLine, ...]
    shipping_minor: int
    gross_minor: int  #: all of it, as the credit note over the whole would come to


def creditable(shop: Shop, page: OrderPage, number: str) -> Creditable | None:
    """What is left of an invoice of this order: one question. None: the order has no such invoice."""
    papers = [paper for paper, _ in page.view.invoices]
    invoice = next((paper for paper in papers if paper.number == number and not paper.parent), None)
    if invoice is None:
        return None
    said, notes = shop.views.snapshots(invoice.order), [paper for paper in papers if paper.parent == str(invoice.id)]
    rests = rest_of(invoice_from_json(said[invoice.id]), [invoice_from_json(said[each.id]) for each in notes])
    goods = [rest for rest in rests if rest.of.kind != "shipping"]
    units = open_units(goods)
    lines = [
        CreditableLine(line, page.order.lines[line - 1].name, units.get(line, 0), sum(_value(rest) for rest in goods if rest.of.line == line))
        for line in dict.fromkeys(rest.of.line for rest in goods if rest.of.line)
    ]
    return Creditable(
        lines=tuple(each for each in lines if each.units > 0 or each.minor > 0),
        shipping_minor=sum(rest.minor for rest in rests if rest.of.kind == "shipping"),
        gross_minor=invoice.gross_minor - sum(each.gross_minor for each in notes),
    )


def _value(rest: Rest) -> int:
    return -rest.minor if rest.of.kind == "discount" else rest.minor

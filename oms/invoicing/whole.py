"""Whether the parts of an order are the order: asserted before each invoice is issued (rule 7). `credit.py` holds a credit against its invoice."""

from __future__ import annotations

from itertools import groupby

from oms.invoicing.check import InvoiceWrong
from oms.invoicing.documented import Documented
from oms.invoicing.model import Invoice
from oms.invoicing.rest import between
from oms.invoicing.shares import LineShares
from oms.orders import Order


def units_of(paper: Invoice) -> dict[int, int]:
    """Order line to its units that stand on a paper; a line of which only an amount is credited has none."""
    return {share.line: share.units for share in paper.carried if share.units}


def check_whole(paper: Invoice, order: Order, shares: LineShares, *, before: Documented) -> None:
    """With what is documented already a paper bills no more of any amount than the order has, and with the last unit of a line exactly all of it.

    Args:
        paper: An invoice that is about to be issued.
        order: What it bills.
        shares: The amounts of the order's lines.
        before: What stands on earlier invoices.

    Raises:
        InvoiceWrong: the parts would not sum to the whole: a fault of the program.
    """
    for number, group in groupby(paper.carried, key=lambda share: share.line):
        carried = list(group)
        of, units = order.lines[number - 1].units, before.units.get(number, 0) + carried[0].units
        so_far = [done + share.minor for done, share in zip(before.amounts[number], carried, strict=True)]
        whole = [share.minor for share in shares[number]]
        fits = all(between(minor, 0, most) == minor for minor, most in zip(so_far, whole, strict=True))
        if units > of or not fits or (units == of and so_far != whole):
            raise InvoiceWrong(f"Invoice {paper.number} and those before it would not sum to line {number} of the order, so it is not issued.")

"""Whether parts are the whole and the ledger names what is billed: asserted before each paper is issued (rules 5 and 7).

`credit.py` holds a credit against its invoice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from oms.invoicing.check import InvoiceWrong
from oms.invoicing.documented import Documented
from oms.invoicing.model import Invoice
from oms.invoicing.rest import between
from oms.invoicing.shares import LineShares
from oms.invoicing.value import Units
from oms.orders import Order


def units_of(paper: Invoice) -> dict[int, int]:
    """Order line to its units that stand on a paper; a line of which only an amount is credited has none."""
    return {share.line: share.units for share in paper.carried if share.units}


def check_whole(paper: Invoice, order: Order, shares: LineShares, *, before: Documented, ledger: Units) -> None:
    """With what is documented already a paper bills no more of any amount than the order has, and with the last unit of a line exactly all of it.

    Args:
        paper: An invoice that is about to be issued.
        order: What it bills.
        shares: The amounts of the order's lines.
        before: What stands on earlier invoices.
        ledger: The units that the ledger has on them; what is open was reckoned from these.

    Raises:
        InvoiceWrong: the parts would not sum to the whole: a row was lost or changed past the program, or it has a fault.
    """
    for number in shares:
        if (entered := ledger.get(number, 0)) != (units := before.units.get(number, 0)):
            raise InvoiceWrong(
                f"Of line {number} the ledger has {entered} units on earlier invoices, they have {units}, so {paper.number} is not issued. "
                "See: oms invoice verify"
            )
    for number, group in groupby(paper.carried, key=lambda share: share.line):
        carried = list(group)
        of, units = order.lines[number - 1].units, before.units.get(number, 0) + carried[0].units
        here, so_far = [share.minor for share in carried], [done + share.minor for done, share in zip(before.amounts[number], carried, strict=True)]
        whole = [share.minor for share in shares[number]]
        fits = all(between(minor, 0, most) == minor for amounts in (here, so_far) for minor, most in zip(amounts, whole, strict=True))
        if units > of or not fits or (units == of and so_far != whole):
            raise InvoiceWrong(f"Invoice {paper.number} and those before it would not sum to line {number} of the order, so it is not issued.")


def check_ledger(paper: Invoice, billed: Sequence[tuple[int, int, int]]) -> None:
    """The ledger names the units that stand on a paper, no more and no fewer (rule 5).

    Args:
        paper: An invoice or a credit note that is about to be issued.
        billed: Its entries: order line, item, units.

    Raises:
        InvoiceWrong: it would name others: a fault of the program.
    """
    entries: Counter[int] = Counter()
    for line, _, units in billed:
        entries[line] += units
    if entries != units_of(paper):
        raise InvoiceWrong(f"The ledger would not name the units that stand on {paper.number}, so it is not issued.")

"""A gapless number and the invoice that bears it: what the store does for `issue_invoice`, against the same statements by the driver.

Both draw the number, read the hash of the paper before, write the invoice with a real snapshot, its line of the ledger and how it stands, and commit.
Composing the invoice is left out on both sides: it is no work of the database.

Before an invoice is issued it is held against the order and the ledger once more: what that takes is measured beside the trigger that issues it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, Size, interleave, ratio
from benchmarks.raw import Raw, counts
from benchmarks.seeds import reference, seed
from oms.bootstrap import Shop, open_shop
from oms.invoicing import allocate_order, check_ledger, check_whole, documented_by, invoice_from_json, units_of
from oms.orders import order_from_json
from oms.ports.drafts import NewDocument

A_TURN = 10
LINES = 10
"""Of each invoice that is held against its order."""
BILLING = """
process: prepayment
initial: new
states:
  new: {}
  billed: {on_enter: issue_invoice, final: true}
events:
  bill: {}
transitions:
  - {from: new, event: bill, to: billed}
"""


def measure(folder: Path, size: Size) -> list[Figure]:
    """What the store does beside the driver; the last look at an invoice beside issuing it."""
    return [_drawn(folder / "drawn", size), _looked_at(folder / "looked at", size)]


def _drawn(folder: Path, size: Size) -> Figure:
    turns = -(-size.invoices // A_TURN)
    database = seed(folder, BILLING, orders=size.blocks * turns * A_TURN + 1)
    with open_shop(folder) as shop:
        shop.trigger(reference(1), "bill")  # the paper that all others are like
        draft = _draft(shop)
    with Raw(database) as raw, open_shop(folder) as shop:
        pairs = interleave(
            size.blocks,
            turns,
            ours=lambda turn: _seconds(turn, lambda order: _issue(shop, draft, order)),
            theirs=lambda turn: _seconds(turn, lambda order: raw.issue(replace(draft, order=order))),
        )
    assert counts(database) == counts(database.with_name("raw.db"))
    return ratio("gapless number and invoice row", pairs, work=turns * A_TURN, target=0.6)


def _looked_at(folder: Path, size: Size) -> Figure:
    turns = -(-size.invoices // A_TURN)
    seed(folder, BILLING, orders=size.blocks * turns * A_TURN + 1, items=LINES)
    with open_shop(folder) as shop:
        shop.trigger(reference(1), "bill")
        look = _look(shop)
        pairs = interleave(
            size.blocks,
            turns,
            ours=lambda turn: _seconds(turn, look),
            theirs=lambda turn: _seconds(turn, lambda order: shop.trigger(reference(order), "bill")),
        )
    values = tuple(ours / theirs for ours, theirs in pairs)
    return Figure(what=f"the last look at an invoice of {LINES} lines, of issuing it", values=values, target=0.05, at_most=True)


def _look(shop: Shop) -> Callable[[int], None]:
    """Holds the first order's invoice against the order and the ledger, as is done with each before it is issued."""
    with shop.store.reading() as work:
        (paper,) = work.documents.of(1)
        invoice = invoice_from_json(work.documents.snapshot(paper.id))
        order = order_from_json(work.orders.document(1))
    shares = allocate_order(order)
    before = documented_by([], shares)
    billed = [(line, line, units) for line, units in units_of(invoice).items()]

    def look(_order: int) -> None:
        check_whole(invoice, order, shares, before=before, ledger={})
        check_ledger(invoice, billed)

    return look


def _seconds(turn: int, issue: Callable[[int], object]) -> float:
    began = time.perf_counter()
    for order in range(2 + turn * A_TURN, 2 + (turn + 1) * A_TURN):
        issue(order)
    return time.perf_counter() - began


def _draft(shop: Shop) -> NewDocument:
    with shop.store.reading() as work:
        (paper,) = work.documents.of(1)
        return NewDocument(
            order=1,
            store=paper.store,
            seller=paper.store,
            kind=paper.kind,
            cause=paper.cause,
            series=f"{paper.store}:{paper.kind}:{paper.issued_on.year}",
            seq=0,
            number="",
            issued_on=paper.issued_on,
            due_on=paper.due_on,
            currency=paper.currency,
            net_minor=paper.gross_minor,
            tax_minor=0,
            gross_minor=paper.gross_minor,
            rounding_minor=paper.rounding_minor,
            paid_minor=paper.paid_minor,
            parent=paper.parent,
            reopens=paper.reopens,
            snapshot=work.documents.snapshot(paper.id),
            sha256=paper.sha256,
            previous_sha256=None,
            created_at=paper.created_at,
            billed=(),
        )


def _issue(shop: Shop, draft: NewDocument, order: int) -> None:
    with shop.store.writing() as work:
        seq, issued_on = work.documents.draw(draft.series, day=draft.issued_on)
        work.documents.add(
            replace(
                draft,
                order=order,
                seq=seq,
                number=f"RE-{issued_on.year}-{seq:05d}",
                issued_on=issued_on,
                previous_sha256=work.documents.last_sha256(draft.series),
                created_at=datetime.now(UTC),
                billed=((1, order, 1),),
            )
        )

"""Which order a bank's entry pays: one that its text names, by its reference or by the number of an invoice. Amount and currency have a say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oms.money import format_minor
from oms.ports.records import Document, OrderHead
from oms.ports.store import UnitOfWork
from oms.statements import Entry, mentions_in

if TYPE_CHECKING:
    from oms.engine.trigger import Engine


@dataclass(frozen=True, slots=True)
class Match:
    """An order that an entry pays, or why it pays none."""

    head: OrderHead | None
    why: str
    open_minor: int = 0  #: what was still to be paid, of the order or of the invoice that is named
    invoice: Document | None = None


@dataclass(frozen=True, slots=True)
class _Named:
    head: OrderHead
    invoice: Document | None
    is_sure: bool  #: it has letters: a mere number might be a year or a customer's
    open_minor: int

    def fits(self, entry: Entry) -> bool:
        return entry.currency == self.head.currency and entry.amount_minor == self.open_minor


def match(engine: Engine, work: UnitOfWork, entry: Entry, *, store: str | None, taken: Mapping[int, int]) -> Match:
    """The order that an entry pays.

    Args:
        engine: Where.
        work: A transaction that reads.
        entry: Of a bank's statement.
        store: Only orders of this one.
        taken: Order to what earlier entries of the file pay of it, and that isn't booked.
    """
    named = _named(engine, work, entry, store=store, taken=taken)
    if not named:
        return Match(None, f'there is no order "{entry.order}".' if entry.order else "its text names no order and no invoice of this shop.")
    if len(named) > 1:
        fitting = [each for each in named if each.fits(entry)]
        if len(fitting) != 1:
            stores = len({each.head.reference for each in named}) == 1
            what = ", ".join(sorted(f"{each.head.reference} ({each.head.store})" if stores else each.head.reference for each in named))
            return Match(None, f"it names several orders: {what}. Record it by hand, each with its part.")
        named = fitting
    (found,) = named
    if entry.currency != found.head.currency:
        return Match(None, f"it is in {entry.currency}, the order {found.head.reference} is in {found.head.currency}.")
    if not found.is_sure and not found.fits(entry):
        still = f"{format_minor(found.open_minor, entry.currency)} {entry.currency}"
        return Match(None, f'it has the number "{found.head.reference}", which may mean something else: {still} are open of that order.')
    return Match(found.head, "", found.open_minor, found.invoice)


def _named(engine: Engine, work: UnitOfWork, entry: Entry, *, store: str | None, taken: Mapping[int, int]) -> list[_Named]:
    """One for each order that is named."""
    if entry.order:
        heads = work.orders.mentioned([entry.order], store=store)
        return [_Named(head, None, True, _open(engine, work, head, None, taken)) for head in heads]
    spans = mentions_in(entry.text)
    words = list(spans)
    papers = work.documents.mentioned(words, store=store)
    orders = work.orders.mentioned(words, store=store)
    widest = _widest(spans, [*(paper.number for paper in papers), *(head.reference for head in orders)])
    invoices = {paper.order: paper for paper in papers if paper.number in widest}
    by_reference = {head.id: head for head in orders if head.reference in widest}
    named = []
    for order in sorted(invoices.keys() | by_reference.keys()):
        head, invoice = by_reference.get(order) or work.orders.get(order), invoices.get(order)
        words_of = [*([invoice.number] if invoice else []), *([head.reference] if order in by_reference else [])]
        named.append(_Named(head, invoice, not all(map(str.isdigit, words_of)), _open(engine, work, head, invoice, taken)))
    return named


def _widest(spans: Mapping[str, tuple[int, int]], words: Sequence[str]) -> set[str]:
    """Without those that stand inside a longer one: the 2026 of RE-2026-00001."""
    found = {word: spans[word] for word in words}
    return {
        word
        for word, (start, end) in found.items()
        if not any(other[0] <= start and end <= other[1] and other != (start, end) for other in found.values())
    }


def _open(engine: Engine, work: UnitOfWork, head: OrderHead, invoice: Document | None, taken: Mapping[int, int]) -> int:
    """What is still to be paid of the order; of an invoice that is named, if that is less."""
    facts = engine.facts(work, head.id)
    of_order = facts.due_minor - facts.paid_minor - taken.get(head.id, 0)
    of_invoice = facts.open_amounts.get(invoice.id, 0) if invoice is not None and head.id not in taken else 0
    return of_invoice if 0 < of_invoice < of_order else of_order

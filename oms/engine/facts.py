"""What conditions and commands may know of an order: frozen records, loaded on first use (rule 22).

A condition is asked for each item, so whatever concerns the whole order is reckoned once and kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from oms.engine.ledger import credited_units, follow_splits, open_amounts
from oms.invoicing import INVOICE, LineShares, load_shares, value_minor
from oms.links import Link, address, sign
from oms.orders import Order, order_from_json
from oms.ports.records import Billed, Document, Item, Message, OrderHead, Payment, Recipient
from oms.ports.shop import StoreProfile
from oms.ports.store import UnitOfWork
from oms.process.model import Process

EXCLUDED = "exclude from invoice"
"""The flag of states whose units owe nothing as long as they are not billed."""


class Facts:
    """One moment of one order. The engine makes a new one whenever something may have changed."""

    def __init__(
        self,
        work: UnitOfWork,
        *,
        head: OrderHead,
        process: Process,
        profile: StoreProfile,
        items: Mapping[int, Item],
        payload: Mapping[str, object],
        now: datetime,
    ) -> None:
        self._work = work
        self.head = head
        self.process = process
        self.profile = profile
        self.items = tuple(items.values())
        self.payload = payload
        self.now = now

    @cached_property
    def order(self) -> Order:
        """The order document as it stands."""
        return order_from_json(self._work.orders.document(self.head.id))

    @cached_property
    def shares(self) -> LineShares:
        """What each line carries of discounts and shipping, as it was allocated when the order was placed."""
        return load_shares(self._work.orders.shares(self.head.id))

    @cached_property
    def payments(self) -> tuple[Payment, ...]:
        """Money that came or was ordered to go back."""
        return tuple(self._work.payments.of(self.head.id))

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """Issued papers of both kinds, oldest first."""
        return tuple(self._work.documents.of(self.head.id))

    @cached_property
    def invoices(self) -> tuple[Document, ...]:
        """Those that count: all but what was cancelled to be billed anew. Oldest first."""
        anew = {credit.parent for credit in self.documents if credit.reopens}
        return tuple(document for document in self.documents if document.kind == INVOICE and str(document.id) not in anew)

    @cached_property
    def credit_notes(self) -> Mapping[int, tuple[Document, ...]]:
        """Invoice to its credit notes, oldest first."""
        return {invoice.id: tuple(each for each in self.documents if each.parent == str(invoice.id)) for invoice in self.invoices}

    @cached_property
    def _ledger(self) -> tuple[Billed, ...]:
        return tuple(self._work.documents.billed(self.head.id))

    @cached_property
    def billed(self) -> tuple[Billed, ...]:
        """The billing ledger: which units of which items stand on which invoice. Credits do not reopen (rule 5)."""
        papers = {invoice.id for invoice in self.invoices}
        return tuple(follow_splits([entry for entry in self._ledger if entry.document in papers], self.items))

    @cached_property
    def credited(self) -> tuple[Billed, ...]:
        """Which units of which items stand on a credit note, each entry under the invoice that is credited."""
        invoice_of = {note.id: invoice for invoice, notes in self.credit_notes.items() for note in notes}
        entries = [replace(entry, document=invoice_of[entry.document]) for entry in self._ledger if entry.document in invoice_of]
        return tuple(credited_units(entries, self.items))

    def link_to(self, document: Document) -> str | None:
        """What opens a document without a login; None: the store gives no links."""
        profile = self.profile
        if profile.link_base is None or profile.link_key is None:
            return None
        until = self.now.astimezone(ZoneInfo(profile.zone)).date() + timedelta(days=profile.link_days)
        link = Link(document.store, document.kind, document.number, until, self._work.documents.revocations(document.id))
        return address(profile.link_base, sign(link, profile.link_key))

    def units_on(self, document: int) -> Mapping[int, int]:
        """Item to its units that stand on a document of either kind."""
        entries = [entry for entry in self._ledger if entry.document == document]
        return _sum((entry.item, entry.quantity) for entry in credited_units(entries, self.items))

    @cached_property
    def mails(self) -> tuple[tuple[Message, tuple[Recipient, ...]], ...]:
        """Promised mails and what became of their recipients, oldest first."""
        return tuple((message, tuple(self._work.mails.recipients(message.id))) for message in self._work.mails.of(self.head.id))

    @cached_property
    def billed_of(self) -> Mapping[int, tuple[Billed, ...]]:
        """Item to its part of the ledger."""
        entries: dict[int, tuple[Billed, ...]] = {item.id: () for item in self.items}
        for entry in self.billed:
            entries[entry.item] += (entry,)
        return entries

    @cached_property
    def billed_units(self) -> Mapping[int, int]:
        """Line to the number of its units that stand on an invoice."""
        return _sum((entry.line, entry.quantity) for entry in self.billed)

    @cached_property
    def owed_units(self) -> Mapping[int, int]:
        """Line to the units that owe: billed, or not billed and in no state flagged `exclude from invoice` (rule 1)."""
        of_item = _sum((entry.item, entry.quantity) for entry in self.billed)
        return _sum((item.line, of_item[item.id] if EXCLUDED in self.process.states[item.state].flags else item.quantity) for item in self.items)

    @cached_property
    def is_billed(self) -> bool:
        """Nothing that is due is left to bill."""
        return all(self.billed_units.get(line, 0) >= units for line, units in self.owed_units.items())

    @cached_property
    def states(self) -> frozenset[str]:
        """Those in which items stand."""
        return frozenset(item.state for item in self.items)

    @cached_property
    def open_amounts(self) -> Mapping[int, int]:
        """Invoice to what is still to be paid of it, in minor units (rule 9)."""
        return open_amounts(self.documents, self.paid_minor)

    @cached_property
    def due_minor(self) -> int:
        """due(order) of rule 1, in the order's currency: what is billed or is to be, less what is credited."""
        asked = value_minor(self.order, self.shares, self.owed_units)
        if len(self.invoices) < sum(document.kind == INVOICE for document in self.documents) and self.is_billed:
            asked = sum(invoice.payable_minor for invoice in self.invoices)  # billed anew, parts may stand a cent apart
        return asked - sum(credit.payable_minor for notes in self.credit_notes.values() for credit in notes)

    @cached_property
    def paid_minor(self) -> int:
        """paid(order) of rule 1: payments minus refunds, in the order's currency."""
        signs = {"payment": 1, "refund": -1, "authorization": 0}
        return sum(signs[payment.kind] * payment.amount_minor for payment in self.payments if payment.currency == self.head.currency)

    @cached_property
    def authorized_minor(self) -> int:
        """What customers' banks have promised for the order, and nobody has fetched."""
        fetched = {(payment.provider, payment.reference) for payment in self.payments if payment.kind == "payment"}
        promised = (payment for payment in self.payments if payment.kind == "authorization" and payment.currency == self.head.currency)
        return sum(payment.amount_minor for payment in promised if (payment.provider, payment.reference) not in fetched)


def _sum(pairs: Iterable[tuple[int, int]]) -> Counter[int]:
    total: Counter[int] = Counter()
    for key, number in pairs:
        total[key] += number
    return total

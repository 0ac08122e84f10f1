"""What conditions and commands may know of an order: frozen records, loaded on first use (rule 22).

A condition is asked for each item, so whatever concerns the whole order is reckoned once and kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from oms.engine.ledger import follow_splits
from oms.invoicing import LineShares, load_shares, value_minor
from oms.orders import Order, order_from_json
from oms.ports.records import Billed, Document, Item, Message, OrderHead, Payment, Recipient
from oms.ports.shop import StoreProfile
from oms.ports.store import UnitOfWork
from oms.process.model import Process

EXCLUDED = "exclude from invoice"
"""The flag of states whose units owe nothing as long as they are not billed."""
INVOICE = "invoice"
"""The kind of paper that bills."""


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
        """Issued papers, oldest first."""
        return tuple(self._work.documents.of(self.head.id))

    @cached_property
    def billed(self) -> tuple[Billed, ...]:
        """The billing ledger: which units of which items stand on which document."""
        return tuple(follow_splits(self._work.documents.billed(self.head.id), self.items))

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
        """Invoice to what is still to be paid of it, in minor units: payments fill the order's invoices, the oldest first (rule 9)."""
        left, amounts = self.paid_minor, {}
        for document in self.documents:
            if document.kind == INVOICE:
                filled = max(min(left, document.gross_minor), 0)
                amounts[document.id], left = document.gross_minor - filled, left - filled
        return amounts

    @cached_property
    def due_minor(self) -> int:
        """due(order) of rule 1, in the order's currency."""
        return value_minor(self.order, self.shares, self.owed_units)

    @cached_property
    def paid_minor(self) -> int:
        """paid(order) of rule 1: payments minus refunds, in the order's currency."""
        signs = {"payment": 1, "refund": -1}
        return sum(signs[payment.kind] * payment.amount_minor for payment in self.payments if payment.currency == self.head.currency)


def _sum(pairs: Iterable[tuple[int, int]]) -> Counter[int]:
    total: Counter[int] = Counter()
    for key, number in pairs:
        total[key] += number
    return total

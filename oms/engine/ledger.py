"""The billing ledger as it applies to items and invoices now: what is billed stays billed when an item is split afterwards (rules 5, 9 and 18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from oms.invoicing import INVOICE
from oms.ports.records import Billed, Document, Item
from oms.ports.views import PaymentState


def payment_state(document: Document, *, open_minor: int, asked_minor: int, today: date) -> PaymentState:
    """How an invoice stands, always derived.

    Args:
        document: A paper; of a credit note nothing is to be paid: it is `credited`.
        open_minor: What is still to be paid of it, see `open_amounts`.
        asked_minor: What it asks for, its credit notes taken off.
        today: In the store's zone: what is open the day after `due_on` is overdue.
    """
    if document.kind != INVOICE or (document.payable_minor > 0 >= asked_minor):
        return "credited"
    if open_minor <= 0:
        return "paid"
    if document.due_on is not None and document.due_on < today:
        return "overdue"
    return "partly paid" if open_minor < asked_minor else "open"


def asked_amounts(documents: Sequence[Document]) -> dict[int, int]:
    """Invoice to what it asks for, its credit notes taken off, in minor units; oldest first."""
    asked = {document.id: document.payable_minor for document in documents if document.kind == INVOICE}
    for credit in documents:
        if credit.parent:
            asked[int(credit.parent)] -= credit.payable_minor
    return asked


def open_amounts(documents: Sequence[Document], paid_minor: int) -> Mapping[int, int]:
    """Invoice to what is still to be paid of it, in minor units.

    Credit notes are taken off; what is paid fills the order's invoices, the oldest first (rule 9).

    Args:
        documents: All of an order, oldest first.
        paid_minor: paid(order) of rule 1.
    """
    left, amounts = paid_minor, dict[int, int]()
    for invoice, minor in asked_amounts(documents).items():
        filled = max(min(left, minor), 0)
        amounts[invoice], left = max(minor, 0) - filled, left - filled
    return amounts


def credited_units(entries: Sequence[Billed], items: Sequence[Item]) -> list[Billed]:
    """The entries of credit notes on the items that hold the credited units now: an item first, then the parts that were split off since."""
    parts: dict[int, list[Item]] = {item.id: [item] for item in items}
    for part in items:
        if part.split_from is not None:
            parts[part.split_from].append(part)
    held: list[Billed] = []
    for entry in entries:
        left = entry.quantity
        for part in _with_parts(entry.item, parts):
            if units := min(left, part.quantity):
                held.append(replace(entry, item=part.id, quantity=units))
                left -= units
    return held


def _with_parts(item: int, parts: Mapping[int, Sequence[Item]]) -> list[Item]:
    own, *split = parts[item]
    return [own, *(each for part in split for each in _with_parts(part.id, parts))]


def follow_splits(entries: Sequence[Billed], items: Sequence[Item]) -> list[Billed]:
    """The entries on the items that hold the billed units now.

    An item is billed whole. If its entry names more units than it has left, the others went with the parts that were split off since: the newest
    ones that have no entry of their own.

    Args:
        entries: As they were written.
        items: All items of the order.
    """
    parts: dict[int, list[Item]] = {item.id: [] for item in items}
    for part in items:
        if part.split_from is not None:
            parts[part.split_from].append(part)
    held = {entry.item: entry for entry in entries}
    for item in sorted(items, key=lambda item: item.id):  # an item is older than its parts
        if item.id in held:
            held |= _inherited(held, item, parts)
    return list(held.values())


def _inherited(held: Mapping[int, Billed], item: Item, parts: Mapping[int, Sequence[Item]]) -> dict[int, Billed]:
    entry = held[item.id]
    found, left = {item.id: replace(entry, quantity=item.quantity)}, entry.quantity - item.quantity
    for part in sorted(parts[item.id], key=lambda part: part.id, reverse=True):
        if left > 0 and part.id not in held:
            found[part.id] = replace(entry, item=part.id, quantity=_units(part, parts))
            left -= found[part.id].quantity
    return found


def _units(item: Item, parts: Mapping[int, Sequence[Item]]) -> int:
    """All that was split off with it, whatever was split off from it later."""
    return item.quantity + sum(_units(part, parts) for part in parts[item.id])

"""The billing ledger as it applies to items now: what is billed stays billed when an item is split afterwards (rules 5 and 18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from oms.ports.records import Billed, Item


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

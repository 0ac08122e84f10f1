"""Ports to orders, their items, and what happened to them. All methods belong to the transaction that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from oms.ports.drafts import NewHistory, NewItem, NewOrder
from oms.ports.records import Item, OrderHead, TriggerRow


class Orders(Protocol):
    """Orders and what never changes about them."""

    def lock(self, reference: str, *, store: str | None = None) -> OrderHead:
        """The order, locked until the transaction ends. `store` None: the only one that has this reference.

        Raises:
            NotFound: there is none, or several stores have one.
        """
        ...

    def named(self, reference: str, *, store: str | None = None) -> OrderHead:
        """The order as it stands; whoever only reads locks nothing. `store` and errors as `lock`."""
        ...

    def mentioned(self, references: Sequence[str], *, store: str | None) -> list[OrderHead]:
        """Those that have one of these references, oldest first; nothing is locked."""
        ...

    def lock_id(self, order: int) -> OrderHead:
        """The order, locked until the transaction ends."""
        ...

    def get(self, order: int) -> OrderHead:
        """The order as it stands; whoever only reads locks nothing."""
        ...

    def find(self, reference: str, *, store: str) -> tuple[int, str] | None:
        """Id of the order and its document as it was placed."""
        ...

    def add(self, order: NewOrder) -> OrderHead | None:
        """A new order with its lines. None: its reference was taken, just now by another host."""
        ...

    def document(self, order: int) -> str:
        """The order document as it stands, JSON text."""
        ...

    def shares(self, order: int) -> Mapping[int, str]:
        """Line to the JSON text of its share of order-level amounts."""
        ...

    def correct(self, order: int, *, document: str, customer_name: str, customer_email: str | None) -> None:
        """Write a corrected document."""
        ...

    def touch(self, order: int, *, at: datetime) -> None:
        """Something happened: no later trigger has an earlier clock."""
        ...

    def hold(self, order: int, *, reason: str | None) -> None:
        """Hold (a reason) or release (None)."""
        ...

    def mark(self, order: int, *, attention: bool) -> None:
        """Whether incidents may be open."""
        ...


class Items(Protocol):
    """Where the units of an order stand."""

    def of(self, order: int) -> list[Item]:
        """By line and part."""
        ...

    def add(self, items: Sequence[NewItem]) -> list[Item]:
        """New items, in the order given."""
        ...

    def split(self, item: Item, *, quantity: int, final: bool) -> Item:
        """Cut `quantity` units off into a new item that stands where the old one stands."""
        ...

    def move(self, items: Sequence[Item], *, target: str, final: bool, at: datetime, look_at: datetime | None) -> int:
        """To another state, if they still stand where they stood. Returns how many rows were changed."""
        ...

    def count(self, items: Sequence[Item]) -> int:
        """One more history row for each; a transition to the same state, or a failed attempt. Returns how many rows were changed."""
        ...

    def late(self, version: int, state: str, *, before: datetime) -> list[Item]:
        """At most 1,000 items that entered this state earlier and have no open incident for it."""
        ...

    def look(self, items: Sequence[int], *, at: datetime | None, pause: int | None = None, attempts: int = 0, error: str | None = None) -> None:
        """When the worker looks at them next; None = not before somebody asks."""
        ...


class Triggers(Protocol):
    """Who let what happen, once per key."""

    def find(self, order: int, key: str) -> TriggerRow | None:
        """The trigger with this key, if it happened."""
        ...

    def last(self, order: int) -> int:
        """The id of the newest one of an order."""
        ...

    def add(self, row: TriggerRow) -> int:
        """Returns its id; the answer comes later."""
        ...

    def answer(self, trigger: int, *, answer: str) -> None:
        """What came of it."""
        ...


class History(Protocol):
    """Append-only."""

    def add(self, row: NewHistory) -> None:
        """One row for all items that went this way together."""
        ...

"""An order as its customer sees it: the titles that are meant for customers, nothing that is hidden from them, and what they may let happen."""

from __future__ import annotations

from oms.engine import examine
from oms.lookup.order import OrderPage
from oms.ports.records import Item
from oms.process.model import Event, title_in

HIDDEN = "hidden from customer"
"""The flag of states whose items the customer doesn't see."""


def shown_items(page: OrderPage) -> list[Item]:
    """Those that the customer sees."""
    return [item for item in page.view.items if HIDDEN not in page.process.states[item.state].flags]


def state_title(page: OrderPage, item: Item, *, locale: str) -> str:
    """What the customer reads of where an item stands."""
    state = page.process.states[item.state]
    return title_in(locale, state.customer or state.title, state.name)


def customer_events(page: OrderPage) -> list[Event]:
    """What the customer may let happen."""
    return [page.process.events[name] for name in examine.customer_events(page.process, page.view.items)]

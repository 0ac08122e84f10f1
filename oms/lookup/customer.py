"""An order as its customer sees it: the titles that are meant for customers, nothing that is hidden from them, and what they may let happen."""

from __future__ import annotations

from oms.errors import NotAllowed
from oms.lookup.order import OrderPage
from oms.ports.records import Item
from oms.process.model import Event, title_in

ROLE = "customer"
"""Of the shop's customers, who come by the shop's page only."""
HIDDEN, CANCELLABLE = "hidden from customer", "cancellable"


def shown_items(page: OrderPage) -> list[Item]:
    """Those that the customer sees."""
    return [item for item in page.view.items if HIDDEN not in page.process.states[item.state].flags]


def state_title(page: OrderPage, item: Item, *, locale: str) -> str:
    """What the customer reads of where an item stands."""
    state = page.process.states[item.state]
    return title_in(locale, state.customer or state.title, state.name)


def customer_events(page: OrderPage) -> list[Event]:
    """What the customer may let happen: events for the role `customer`, while every item may still be cancelled."""
    if not all(CANCELLABLE in page.process.states[item.state].flags for item in page.view.items):
        return []
    return [event for name in page.events if ROLE in (event := page.process.events[name]).roles]


def require_customer_event(page: OrderPage, event: str) -> None:
    """Raises NotAllowed: it is none that the customer may let happen now."""
    may = [each.name for each in customer_events(page)]
    if event not in may:
        raise NotAllowed(f'A customer can\'t let "{event[:80]}" happen to this order now. Possible: {", ".join(may) or "nothing"}.')

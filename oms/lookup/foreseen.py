"""What an event would do to some items of an order, before anybody lets it happen. Nothing is written, nobody is asked outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oms.commands import COMMANDS
from oms.conditions import CONDITIONS
from oms.engine.reckoning import REFUND
from oms.engine.rehearsal import Foreseen, rehearse
from oms.engine.stage import Stage
from oms.errors import InvalidInput, NotFound, NotPossible
from oms.jobs import JOBS
from oms.lookup.order import OrderPage
from oms.ports.providers import Refunds

if TYPE_CHECKING:
    from oms.bootstrap import Shop

_HOUSE = frozenset([*COMMANDS, *CONDITIONS, *(word.freeze for word in JOBS.values() if word.freeze)])
"""What may be called on a stage. A shop's own words may do whatever they like, so they are not called before somebody wants them to."""


def foresee(shop: Shop, page: OrderPage, event: str, named: Sequence[tuple[str, int | None]]) -> Foreseen | None:
    """What an event would do to these items; two questions at most. None: it can't happen to them.

    Args:
        shop: Where.
        page: The order, as somebody sees it.
        event: Of its process.
        named: Items by their labels, and how many of their units; None: all.
    """
    head = page.view.head
    said = shop.views.snapshots(head.id) if page.view.invoices else {}
    with shop.views.again(head.id) as (work, view):
        stage = Stage(work, view, said=said, now=page.now)
        try:
            return rehearse(shop.engine, stage, view, event, named, house=_HOUSE)
        except (InvalidInput, NotFound, NotPossible):
            return None


def goes_back_by_hand(shop: Shop, page: OrderPage, amount_minor: int) -> bool:
    """Whether the providers that are connected took less than this, so that none of it goes back by itself. A shop's own way is the shop's."""
    tables, providers = shop.engine.tables, shop.engine.tools.providers
    if tables.jobs[REFUND].run is not JOBS[REFUND].run:
        return False
    taken = [each for each in page.view.payments if (each.kind, each.currency) == ("payment", page.view.head.currency)]
    return sum(each.amount_minor for each in taken if isinstance(providers.get(each.provider), Refunds)) < amount_minor

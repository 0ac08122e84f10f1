"""What the invoices of a store come to, as a worker counted it: nobody who opens a page adds up all that was ever issued (rule 40)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from oms.engine.counting import MONEY
from oms.ports.operations import StandingCount
from oms.ports.views import InvoiceSums

if TYPE_CHECKING:
    from oms.bootstrap import Shop


def counted_sums(shop: Shop, store: str, *, state: str) -> tuple[list[InvoiceSums], datetime] | None:
    """By currency, and when they were counted; None: nobody has yet. `state`: how the invoices stand, empty: any."""
    with shop.store.reading() as work:
        kept = work.figures.kept(MONEY)
    if kept is None:
        return None
    counts = [StandingCount(*each) for each in json.loads(kept.told)["invoices"]]
    mine = [each for each in counts if each.store == store and state in ("", each.state)]
    return [_sum(currency, [each for each in mine if each.currency == currency]) for currency in sorted({each.currency for each in mine})], kept.at


def _sum(currency: str, counts: Iterable[StandingCount]) -> InvoiceSums:
    invoices = still_open = overdue = paid = 0
    for each in counts:
        invoices, still_open, paid = invoices + each.invoices, still_open + each.open_minor, paid + each.paid_minor
        overdue += each.open_minor if each.state == "overdue" else 0
    return InvoiceSums(currency, invoices, still_open, overdue, paid)

"""What was ordered, as the order's document says it: options, discounts, bundles, shipping, what the customer and the shop wrote beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from oms.backoffice.showing import Showing
from oms.orders.model import OrderLine


def line_minor(line: OrderLine) -> int:
    """What a line comes to with its options and its own discount, before vouchers; in a bundle the options only. Less than nothing on a return."""
    own = line.units * sum(option.price_minor for option in line.own_options)
    return (line.item_minor + own - line.discount_minor) * (-1 if line.quantity < 0 else 1)


def details_of(show: Showing, line: OrderLine) -> list[str]:
    """What stands below the name of an item."""
    money, word = _money(show), show.tongue.word
    found = [f"{option.name} · {money(option.price_minor)}" if option.price_minor else option.name for option in line.options]
    if line.discount_minor:
        found.append(word("less", amount=money(line.discount_minor)))
    if line.bundle:
        found.append(word("in_bundle", what=line.bundle.name))
    if line.return_of:
        found.append(word("return_of", what=line.return_of))
    return [*found, *(f"{name}: {value}" for name, value in _plain(line.data))]


def sums_of(show: Showing) -> list[tuple[str, int]]:
    """How the total comes about, by name; nothing where the items are all of it."""
    order, word = show.page.order, show.tongue.word
    bundles = {line.bundle.id: line.bundle for line in order.lines if line.bundle}
    sums = [(word("goods"), sum(map(line_minor, order.lines)))]
    sums += [(bundle.name, bundle.price_minor) for bundle in bundles.values()]
    sums += [(each.name or word("voucher"), -each.amount_minor) for each in order.discounts]
    if order.shipping:
        sums.append((word("shipping_by", what=order.shipping.name) if order.shipping.name else word("shipping"), order.shipping.price_minor))
    total = show.page.view.gross_minor
    if tax := total - sum(minor for _, minor in sums):
        sums.append((word("tax"), tax))
    return [*sums, (word("total"), total)] if len(sums) > 1 else []


def beside(show: Showing) -> dict[str, Any]:
    """What was said along with the order."""
    order = show.page.order
    return {
        "sums": sums_of(show),
        "comment": order.comment or "",
        "delivery": show.tongue.day(order.delivery_date) if order.delivery_date else "",
        "pays": order.payment.method or "",
        "data": list(_plain(order.data)),
    }


def _plain(data: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Free data, as text."""
    for name, value in data.items():
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _money(show: Showing) -> Any:
    return lambda minor: show.tongue.money(minor, show.page.view.head.currency)

"""What each line of an order carries: its own price and its share of vouchers and shipping. Allocated once, when the order is placed (rule 6).

Order-level amounts go over the tax groups first, in proportion to what is sold in each, then over the lines of each group.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from oms.money import allocate
from oms.orders import Order, OrderLine

SCHEMA = 1
"""Counts up when shares of before can't be read as they are."""


class Group(NamedTuple):
    """What is taxed together."""

    category: str  #: EN 16931: S, Z, E, K, AE, G, O
    rate: Decimal  #: percent


@dataclass(frozen=True, slots=True)
class Share:
    """One amount that a line carries, for all its units; gross or net as the order's prices are."""

    kind: str  #: `item`, `option` (one that is a line of its own), `discount` (is taken off), `shipping`
    group: Group
    minor: int  #: negative on returns only


LineShares = Mapping[int, tuple[Share, ...]]
"""Line number to its shares: the item, its own options in their order, then one share of vouchers and of shipping per tax group."""


def allocate_order(order: Order) -> LineShares:
    """Divide the order's money among its lines. The shares sum to what the order costs, to the cent."""
    bundled = _bundled(order)
    goods = [(number, share) for number, line in enumerate(order.lines, start=1) for share in _goods(line, bundled.get(number, 0))]
    discounts = sum(discount.amount_minor for discount in order.discounts)
    carried = [*goods, *_by_value("discount", discounts, goods), *_shipping(order, goods)]
    shares: dict[int, list[Share]] = {number: [] for number in range(1, len(order.lines) + 1)}
    for number, share in carried:
        shares[number].append(share)
    return {number: tuple(line) for number, line in shares.items()}


def shares_to_json(shares: LineShares, number: int) -> str:
    """The canonical text of one line's shares."""
    plain = [[share.kind, share.group.category, f"{share.group.rate:f}", share.minor] for share in shares[number]]
    return json.dumps({"schema": SCHEMA, "shares": plain}, sort_keys=True, separators=(",", ":"))


def load_shares(texts: Mapping[int, str]) -> LineShares:
    """The shares of an order from the texts of its lines.

    Raises:
        ValueError: a newer oms wrote them.
    """
    return {number: _read(text) for number, text in texts.items()}


def _read(text: str) -> tuple[Share, ...]:
    plain = json.loads(text)
    if plain["schema"] != SCHEMA:
        raise ValueError(f"The shares were stored with schema {plain['schema']}, this oms reads schema {SCHEMA}.")
    return tuple(Share(kind, Group(category, Decimal(rate)), minor) for kind, category, rate, minor in plain["shares"])


_Carried = tuple[int, Share]
"""A line's number and what it carries."""


def _bundled(order: Order) -> dict[int, int]:
    """Line to its part of its bundle's price: by list price."""
    members: dict[str, list[int]] = {}
    for number, line in enumerate(order.lines, start=1):
        if line.bundle:
            members.setdefault(line.bundle.id, []).append(number)
    parts: dict[int, int] = {}
    for numbers in members.values():
        numbers.sort(key=lambda number: _rank(order.lines[number - 1]))
        lines = [order.lines[number - 1] for number in numbers]
        price = next(line.bundle.price_minor for line in lines if line.bundle)
        parts |= zip(numbers, allocate(price, [line.units * line.unit_price_minor for line in lines]), strict=True)
    return parts


def _rank(line: OrderLine) -> tuple[object, ...]:
    """Who of equal ones gets the odd cent: not the place in the document, so that the order of lines does not matter."""
    return line.tax_category, line.tax_rate, line.sku, line.name, line.quantity


def _goods(line: OrderLine, bundled: int) -> Iterator[Share]:
    sign = -1 if line.quantity < 0 else 1
    yield Share("item", Group(line.tax_category, line.tax_rate), sign * (line.item_minor + bundled - line.discount_minor))
    for option in line.own_options:
        yield Share("option", Group(option.tax_category, option.tax_rate), sign * line.units * option.price_minor)


def _by_value(kind: str, total: int, goods: list[_Carried]) -> Iterator[_Carried]:
    """Over the tax groups, then over the lines of each."""
    weights = _weights(goods)
    for group, part in zip(weights, allocate(total, list(weights.values())), strict=True):
        yield from _over_lines(kind, part, [one for one in goods if one[1].group == group], group)


def _over_lines(kind: str, total: int, goods: list[_Carried], group: Group) -> Iterator[_Carried]:
    lines: dict[int, int] = {}
    for (number, _), part in zip(goods, allocate(total, [max(share.minor, 0) for _, share in goods]), strict=True):
        lines[number] = lines.get(number, 0) + part
    return ((number, Share(kind, group, part)) for number, part in lines.items() if part)


def _shipping(order: Order, goods: list[_Carried]) -> Iterator[_Carried]:
    if order.shipping is None:
        return iter(())
    weights, price, rate = _weights(goods), order.shipping.price_minor, order.shipping.tax_rate
    if rate is not None:
        known = (group for group in weights if group.rate == rate)
        return _over_lines("shipping", price, goods, next(known, Group("S" if rate else "Z", rate)))
    if order.shipping.tax == "main_rate":
        main = max(weights, key=lambda group: weights[group])
        return _over_lines("shipping", price, [one for one in goods if one[1].group == main], main)
    return _by_value("shipping", price, goods)


def _weights(goods: list[_Carried]) -> dict[Group, int]:
    """Tax group to what is sold in it, by category and rate; returns weigh nothing."""
    weights = dict.fromkeys(sorted({share.group for _, share in goods}), 0)
    for _, share in goods:
        weights[share.group] += max(share.minor, 0)
    return weights

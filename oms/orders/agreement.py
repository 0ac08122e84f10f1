"""What must agree between the parts of an order, so that it can be billed: sums, bundles, discounts, kinds of tax."""

from __future__ import annotations

from collections.abc import Iterator

from oms.errors import Problem
from oms.money import LIMIT_MINOR, format_minor
from oms.orders.model import Order, OrderLine
from oms.orders.wording import shown

UNTAXED_WITH_REASON = frozenset({"E", "K", "AE", "G", "O"})
"""Categories whose reason the law wants printed."""

_NEEDS_VAT_ID = frozenset({"K", "AE"})


def disagreements(order: Order) -> list[Problem]:
    """Everything that does not fit together, in an order whose parts are right each for itself."""
    return [*_lines(order), *_bundles(order)] or [*_sums(order), *_taxes(order), *_prepayments(order)]


def goods_minor(order: Order) -> int:
    """What the sold (not the returned) items cost after their own discounts."""
    bundles = {line.bundle.id: line.bundle.price_minor for line in order.lines if line.bundle}
    return sum(bundles.values()) + sum(_line_minor(line) for line in order.lines if line.quantity > 0)


def _line_minor(line: OrderLine) -> int:
    return line.item_minor - line.discount_minor + line.units * sum(option.price_minor for option in line.own_options)


def _lines(order: Order) -> Iterator[Problem]:
    for index, line in enumerate(order.lines):
        if line.discount_minor > line.item_minor and not line.bundle:
            price = format_minor(line.item_minor, order.currency)
            yield Problem(f"/items/{index}/discount", f"is more than the line itself, which costs {price}: give at most that.")


def _bundles(order: Order) -> Iterator[Problem]:
    bundles = {line.bundle.id: line.bundle for line in reversed(order.lines) if line.bundle}
    for index, line in enumerate(order.lines):
        if line.bundle and line.bundle != bundles[line.bundle.id]:
            yield Problem(f"/items/{index}/bundle", f"has the id {shown(line.bundle.id)} of an earlier item, but another name or price.")
        if line.bundle and line.discount_minor:
            yield Problem(f"/items/{index}/discount", "can't be given within a bundle: lower the bundle's price.")
        if line.bundle and line.quantity < 0:
            yield Problem(f"/items/{index}/bundle", "can't hold what is returned: return the items at their own prices.")


def _sums(order: Order) -> Iterator[Problem]:
    shipping = order.shipping.price_minor if order.shipping else 0
    whole = sum(abs(_line_minor(line)) for line in order.lines) + shipping + sum(line.bundle.price_minor for line in order.lines if line.bundle)
    if whole > LIMIT_MINOR:
        yield Problem("/items", f"sum to more than {format_minor(LIMIT_MINOR, order.currency)} {order.currency}, the largest amount.")
    discounts, goods = sum(discount.amount_minor for discount in order.discounts), goods_minor(order)
    if discounts > goods:
        more, most = format_minor(discounts, order.currency), format_minor(goods, order.currency)
        yield Problem("/discounts", f"are {more}, more than the goods, which cost {most}: give at most that, and free shipping as a price of 0.")


def _taxes(order: Order) -> Iterator[Problem]:
    categories = {line.tax_category for line in order.lines} | {option.tax_category for line in order.lines for option in line.options}
    if "E" in categories and order.exemption is None:
        yield Problem("/exemption", 'is missing: tax category E needs the reason that is printed, "exemption": {"code": …, "text": …}.')
    if (needy := sorted(categories & _NEEDS_VAT_ID)) and order.customer.vat_id is None:
        yield Problem("/customer/vat_id", f"is missing: tax category {', '.join(needy)} is for buyers with a VAT id.")
    if "O" in categories and len(categories) > 1:
        yield Problem("/items", "mix tax category O, outside of tax, with others: place two orders.")
    if "O" in categories and order.shipping is not None and order.shipping.tax_rate:
        yield Problem("/shipping/tax_rate", 'is more than 0, though the goods are outside of tax (O): leave it out, with "tax": "by_value".')


def _prepayments(order: Order) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for index, payment in enumerate(order.payments):
        if (payment.method, payment.reference) in seen:
            yield Problem(f"/payments/{index}/reference", f"{shown(payment.reference)} stands twice: a reference is booked once.")
        seen.add((payment.method, payment.reference))

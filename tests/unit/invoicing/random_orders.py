"""Orders that nobody would think of: strategies, and what they cost by an arithmetic of its own (fractions, from the document)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import strategies as st

from tests.unit.invoicing.papers import ADDRESS

RATES = st.sampled_from(["19", "7", "0", "5.5", "25", "100"])
CENTS = st.one_of(st.integers(0, 300), st.integers(0, 5_000_000))


def money(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2).quantize(Decimal("0.01")))


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    quantity = draw(st.integers(1, 7))
    price = draw(CENTS)
    item: dict[str, Any] = {"sku": "S", "name": "N", "quantity": quantity, "unit_price": money(price), "tax_rate": draw(RATES)}
    kind = draw(st.sampled_from(["plain", "plain", "discounted", "discounted", "options", "bundle", "return"]))
    if kind == "discounted":
        item["discount"] = money(draw(st.integers(0, quantity * price)))
    if kind == "options":
        item["options"] = [{"name": "O", "price": money(draw(CENTS)), "tax_rate": draw(RATES)} for _ in range(draw(st.integers(1, 3)))]
    if kind == "bundle":
        item["bundle"] = draw(st.sampled_from([{"id": "B", "name": "B", "price": "9.99"}, {"id": "C", "name": "C", "price": "0.02"}]))
    if kind == "return":
        item |= {"quantity": -quantity, "return_of": "A-0"}
    return item


@st.composite
def documents(draw: st.DrawFn, *, returns: bool = True) -> dict[str, Any]:
    chosen = draw(st.lists(items(), min_size=1, max_size=6))
    kept = [item for item in chosen if returns or item["quantity"] > 0] or [
        {"sku": "S", "name": "N", "quantity": 1, "unit_price": "1.00", "tax_rate": "19"}
    ]
    document: dict[str, Any] = {
        "reference": "A-1",
        "prices": draw(st.sampled_from(["gross", "net"])),
        "customer": {"name": "Jana Novak"},
        "billing_address": ADDRESS,
        "items": kept,
    }
    left = sum(minor for _, minor in goods(document) if minor > 0)
    document["discounts"] = []
    for name in draw(st.sampled_from(["", "", "A", "AB", "ABC"])):
        amount = draw(st.one_of(st.integers(0, left), st.just(left)))
        left -= amount
        document["discounts"].append({"name": name, "amount": money(amount)})
    shipping = draw(st.sampled_from([None, {"tax": "by_value"}, {"tax": "main_rate"}, {"tax": "fixed", "tax_rate": "19"}]))
    document["shipping"] = shipping and {**shipping, "price": money(draw(CENTS))}
    return document


def split(draw: st.DrawFn, units: dict[int, int]) -> list[dict[int, int]]:
    """The units of an order in up to four documents."""
    parts: list[dict[int, int]] = [{}, {}, {}, {}]
    for line, count in units.items():
        for _ in range(count):
            part = parts[draw(st.integers(0, 3))]
            part[line] = part.get(line, 0) + 1
    return [part for part in parts if part]


def category_of(rate: str) -> str:
    return "S" if Decimal(rate) else "Z"


def share(total: int, weights: list[Fraction]) -> list[int]:
    """Largest remainders, said another way than the house says it."""
    weights = weights if sum(weights) else [Fraction(1)] * len(weights)
    exact = [total * weight / sum(weights) for weight in weights]
    ranked = sorted(range(len(exact)), key=lambda i: (floor(exact[i]) - exact[i], i))
    extra = total - sum(floor(size) for size in exact)
    return [floor(size) + (ranked.index(i) < extra) for i, size in enumerate(exact)]


def half_up(number: Fraction) -> int:
    return floor(number + Fraction(1, 2)) if number >= 0 else -floor(-number + Fraction(1, 2))


def goods(document: dict[str, Any]) -> list[tuple[str, int]]:
    """Rate and cents of each line of the paper."""
    return list(_goods(document))


def _goods(document: dict[str, Any]) -> Iterator[tuple[str, int]]:
    bundles: dict[str, list[int]] = {}
    for index, item in enumerate(document["items"]):
        if item.get("bundle"):
            bundles.setdefault(item["bundle"]["id"], []).append(index)
    parts: dict[int, int] = {}
    for indexes in bundles.values():
        indexes.sort(
            key=lambda index: (
                category_of(document["items"][index]["tax_rate"]),
                Decimal(document["items"][index]["tax_rate"]),
                document["items"][index]["quantity"],
            )
        )
        members = [document["items"][index] for index in indexes]
        weights = [Fraction(item["quantity"] * cents(item["unit_price"])) for item in members]
        parts |= dict(zip(indexes, share(cents(members[0]["bundle"]["price"]), weights), strict=True))
    for index, item in enumerate(document["items"]):
        own = [option for option in item.get("options", []) if option["tax_rate"] != item["tax_rate"]]
        price = cents(item["unit_price"]) + sum(cents(option["price"]) for option in item.get("options", []) if option not in own)
        yield item["tax_rate"], parts.get(index, item["quantity"] * price - cents(item.get("discount", "0")))
        yield from ((option["tax_rate"], item["quantity"] * cents(option["price"])) for option in own)


def cost(document: dict[str, Any]) -> tuple[int, int]:
    """Net and tax of the whole order, in cents."""
    lines = goods(document)
    groups: dict[str, int] = {}
    weights: dict[str, Fraction] = dict.fromkeys(
        sorted({rate for rate, _ in lines}, key=lambda rate: (category_of(rate), Decimal(rate))), Fraction(0)
    )
    for rate, minor in lines:
        groups[rate] = groups.get(rate, 0) + minor
        weights[rate] = weights.get(rate, Fraction(0)) + max(minor, 0)
    discount = sum(cents(one["amount"]) for one in document["discounts"])
    for rate, part in zip(weights, share(discount, list(weights.values())), strict=True):
        groups[rate] -= part
    for rate, part in _shipping(document["shipping"], weights):
        groups[rate] = groups.get(rate, 0) + part
    taxes = {
        rate: half_up(amount * Fraction(rate) / (100 + (Fraction(rate) if document["prices"] == "gross" else 0))) for rate, amount in groups.items()
    }
    tax, amount = sum(taxes.values()), sum(groups.values())
    return (amount - tax if document["prices"] == "gross" else amount), tax


def _shipping(shipping: dict[str, Any] | None, weights: dict[str, Fraction]) -> list[tuple[str, int]]:
    if not shipping:
        return []
    price = cents(shipping["price"])
    if shipping["tax"] == "fixed":
        return [(shipping["tax_rate"], price)]
    if shipping["tax"] == "main_rate":
        return [(max(weights, key=lambda rate: weights[rate]), price)]
    return list(zip(weights, share(price, list(weights.values())), strict=True))

"""Parts reckoned a second time, slowly, with fractions, from the order document and the words of the rules (6 and 7). Shares no code with `oms`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.unit.invoicing.random_orders import category_of, cents, goods, half_up, share

Amounts = dict[tuple[int, str, str, int], Fraction]
"""Line, kind, rate, which of its options: to what all units of the line carry of it."""


def amounts_of(document: dict[str, Any]) -> Amounts:
    """Everything that the order costs, on its lines: vouchers and shipping first over the rates by value, then over the lines of each."""
    lines = _goods_with_lines(document)
    found: Amounts = {(line, kind, rate, place): Fraction(minor) for line, kind, rate, place, minor in lines}
    sold = {rate: sum(max(minor, 0) for _, _, each, _, minor in lines if each == rate) for rate in _rates(lines)}
    discount = sum(cents(one["amount"]) for one in document["discounts"])
    spread = list(zip(sold, share(discount, [Fraction(worth) for worth in sold.values()]), strict=True))
    _over_lines(found, "discount", spread, lines)
    _over_lines(found, "shipping", *_shipping(document, sold, lines))
    return found


def worth(document: dict[str, Any], amounts: Amounts, units: dict[int, int], *, rounded: bool) -> dict[str, tuple[int, int]]:
    """Rate to base and tax of so many units of each line, cumulated."""
    groups: dict[str, int] = {}
    for line, count in units.items():
        of = abs(document["items"][line - 1]["quantity"])
        for rate, minor in _cumulated(amounts, line, Fraction(count, of)):
            groups[rate] = groups.get(rate, 0) + minor
    return {rate: _taxed(document, minor, rate, rounded=rounded) for rate, minor in groups.items()}


def part(
    document: dict[str, Any], amounts: Amounts, before: dict[int, int], after: dict[int, int], *, rounded: bool = False
) -> dict[str, tuple[int, int]]:
    """Rate to base and tax of a document that bills what lies between; what comes to nothing is left out."""
    start, end = (worth(document, amounts, units, rounded=rounded) for units in (before, after))
    between = {rate: (base - start.get(rate, (0, 0))[0], tax - start.get(rate, (0, 0))[1]) for rate, (base, tax) in end.items()}
    return {rate: sums for rate, sums in between.items() if sums != (0, 0)}


def _cumulated(amounts: Amounts, line: int, fraction: Fraction) -> list[tuple[str, int]]:
    """A line whose price carries a voucher follows from voucher and rest, so that no part of it is ever worth less than nothing."""
    found = []
    vouchers = {rate: minor for (each, kind, rate, _), minor in amounts.items() if each == line and kind == "discount"}
    for (each, kind, rate, _), minor in amounts.items():
        if each != line:
            continue
        if kind == "discount":
            found.append((rate, -half_up(minor * fraction)))
        elif kind == "item" and vouchers.get(rate):
            rest = (minor - vouchers[rate]) * fraction
            found.append((rate, half_up(vouchers[rate] * fraction) - (-rest + Fraction(1, 2)).__floor__()))
        else:
            found.append((rate, half_up(minor * fraction)))
    return found


def _taxed(document: dict[str, Any], minor: int, rate: str, *, rounded: bool) -> tuple[int, int]:
    if document["prices"] == "net":
        return minor, half_up(minor * Fraction(rate) / 100)
    tax = half_up(minor * Fraction(rate) / (100 + Fraction(rate)))
    base = minor - tax
    return base, half_up(base * Fraction(rate) / 100) if rounded else tax


def _goods_with_lines(document: dict[str, Any]) -> list[tuple[int, str, str, int, int]]:
    amounts = iter(goods(document))
    found = []
    for line, item in enumerate(document["items"], start=1):
        own = [option for option in item.get("options", []) if option["tax_rate"] != item["tax_rate"]]
        for place in range(1 + len(own)):
            rate, minor = next(amounts)
            found.append((line, "option" if place else "item", rate, place, minor))
    return found


def _rates(lines: list[tuple[int, str, str, int, int]]) -> list[str]:
    return sorted({rate for _, _, rate, _, _ in lines}, key=lambda rate: (category_of(rate), Fraction(rate)))


def _shipping(
    document: dict[str, Any], sold: dict[str, int], lines: list[tuple[int, str, str, int, int]]
) -> tuple[list[tuple[str, int]], list[tuple[int, str, str, int, int]], str | None]:
    """Rate to amount, the goods that carry it, and whether one rate is forced on all."""
    shipping = document["shipping"]
    if not shipping:
        return [], lines, None
    price = cents(shipping["price"])
    if shipping["tax"] == "fixed":
        return [(shipping["tax_rate"], price)], lines, shipping["tax_rate"]
    if shipping["tax"] == "main_rate":
        return [(max(sold, key=lambda rate: sold[rate]), price)], lines, None
    return list(zip(sold, share(price, [Fraction(each) for each in sold.values()]), strict=True)), lines, None


def _over_lines(
    found: Amounts, kind: str, spread: list[tuple[str, int]], lines: list[tuple[int, str, str, int, int]], forced: str | None = None
) -> None:
    for rate, total in spread:
        carriers = lines if forced else [each for each in lines if each[2] == rate]
        parts = share(total, [Fraction(max(minor, 0)) for _, _, _, _, minor in carriers])
        for (line, _, _, _, _), minor in zip(carriers, parts, strict=True):
            if minor:
                key = (line, kind, rate, 0)
                found[key] = found.get(key, Fraction(0)) + minor

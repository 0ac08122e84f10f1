"""Random orders, billed whole and in parts: every cent is billed once, and every paper agrees with itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oms.invoicing import (
    Carried,
    Invoice,
    Wanted,
    allocate_order,
    check_whole,
    documented_by,
    load_shares,
    open_units,
    order_total_minor,
    rest_of,
    shares_to_json,
    units_of,
    value_minor,
)
from oms.invoicing.rest import between, taken
from oms.orders import Order, parse_order
from tests.unit.invoicing.papers import all_units, billed, defaults, item, placed
from tests.unit.invoicing.random_orders import cost, documents, split
from tests.unit.invoicing.slowly import amounts_of, part


def payable(invoice: Invoice) -> int:
    return invoice.totals.gross_minor + invoice.totals.rounding_minor


def bill_all(order: Order, parts: list[dict[int, int]], *, payable_rounding: bool = False) -> list[Invoice]:
    before: dict[int, int] = {}
    invoices = []
    for take in parts:
        invoices.append(billed(order, before=before, take=take, payable_rounding=payable_rounding))
        before = {line: before.get(line, 0) + take.get(line, 0) for line in before | take}
    return invoices


@given(documents())
def test_a_whole_invoice_costs_what_the_document_says(document: dict[str, Any]) -> None:
    order = parse_order(document, defaults=defaults)
    totals = billed(order).totals
    net, tax = cost(document)
    assert (totals.net_minor, totals.tax_minor, totals.gross_minor) == (net, tax, net + tax)
    assert order_total_minor(order, allocate_order(order)) == net + tax


@given(documents(), st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(document: dict[str, Any], random: Random) -> None:
    whole, shuffled = (
        billed(parse_order(each, defaults=defaults)) for each in (document, document | {"items": _shuffled(document["items"], random)})
    )
    assert shuffled.totals == whole.totals
    assert {(group.category, group.rate): group for group in shuffled.tax_groups} == {
        (group.category, group.rate): group for group in whole.tax_groups
    }


def _shuffled(items: list[Any], random: Random) -> list[Any]:
    return random.sample(items, len(items))


@given(documents())
def test_a_whole_invoice_prints_each_voucher_with_its_amount(document: dict[str, Any]) -> None:
    order = parse_order(document | {"prices": "net"}, defaults=defaults)
    printed: dict[str | None, int] = {}
    for allowance in billed(order).allowances:
        printed[allowance.name] = printed.get(allowance.name, 0) + allowance.amount_minor
    assert printed == {discount.name: discount.amount_minor for discount in order.discounts if discount.amount_minor}


@given(documents(), st.data(), st.booleans())
def test_parts_sum_to_the_whole_tax_included(document: dict[str, Any], data: st.DataObject, payable_rounding: bool) -> None:  # noqa: FBT001 - drawn
    order = parse_order(document, defaults=defaults)
    parts = data.draw(st.composite(split)(all_units(order)))
    whole = billed(order, payable_rounding=payable_rounding)
    invoices = bill_all(order, parts, payable_rounding=payable_rounding)
    for name in ("net_minor", "tax_minor", "gross_minor", "rounding_minor", "due_minor"):
        assert sum(getattr(invoice.totals, name) for invoice in invoices) == getattr(whole.totals, name)
    if order.prices == "net":
        for name in ("lines_minor", "allowances_minor", "charges_minor"):
            assert sum(getattr(invoice.totals, name) for invoice in invoices) == getattr(whole.totals, name)


def test_what_remains_of_several_parts_makes_no_wrong_invoice_of_the_next() -> None:
    """The first of two is cancelled to be billed anew, and before it another item is: its tax bears the roundings of three documents."""
    order = placed(item(1, "1.03"), item(1, "1.07"), item(1, "1.02"))
    first = billed(order, take={1: 1})
    second = billed(order, before=[first], take={2: 1})

    third = billed(order, before=[second], take={3: 1})
    again = billed(order, before=[second, third], take={1: 1})

    assert [(each.totals.net_minor, each.totals.tax_minor) for each in (first, second, third, again)] == [(87, 16), (89, 18), (87, 15), (86, 17)]
    assert sum(each.totals.tax_minor for each in (second, third, again)) == billed(order).totals.tax_minor


def test_what_costs_nothing_has_no_tax_when_it_is_billed_after_another_was_cancelled() -> None:
    order = placed(item(1, "1.03"), item(1, "1.07"), item(1, "0.00"))
    second = billed(order, before=[billed(order, take={1: 1})], take={2: 1})

    free = billed(order, before=[second], take={3: 1})

    assert (second.totals.tax_minor, free.totals.net_minor, free.totals.tax_minor) == (18, 0, 0)


@given(documents(), st.data(), st.booleans())
def test_each_tax_group_of_a_part_is_what_a_second_slow_reckoning_says(document: dict[str, Any], data: st.DataObject, payable_rounding: bool) -> None:  # noqa: FBT001 - drawn
    order, amounts = parse_order(document, defaults=defaults), amounts_of(document)
    before: dict[int, int] = {}
    parts = data.draw(st.composite(split)(all_units(order)))
    for invoice, take in zip(bill_all(order, parts, payable_rounding=payable_rounding), parts, strict=True):
        after = {line: before.get(line, 0) + take.get(line, 0) for line in before | take}
        printed = {f"{group.rate:f}": (group.base_minor, group.tax_minor) for group in invoice.tax_groups if group.base_minor or group.tax_minor}
        assert printed == part(document, amounts, before, after, rounded=payable_rounding)
        before = after


@given(documents(), st.data())
def test_what_is_billed_credited_open_and_void_is_the_order(document: dict[str, Any], data: st.DataObject) -> None:
    """Rule 7, per line and kind of amount, by the second reckoning: of the first part some is credited, the others are open or void."""
    order = parse_order(document, defaults=defaults)
    first, *others = bill_all(order, data.draw(st.composite(split)(all_units(order))))
    rests = rest_of(first, [])
    back = {line: data.draw(st.integers(0, units)) for line, units in open_units(rests).items()}
    back = {line: units for line, units in back.items() if units}
    credited = taken(first, rests, Wanted(units=back, shipping="share")) if back else [replace(rest.of, minor=0) for rest in rests]
    stays = [replace(rest.of, minor=rest.minor - share.minor) for rest, share in zip(rests, credited, strict=True)]
    open_or_void = [share for paper in others for share in paper.carried]
    for share, rest in zip(stays, rests, strict=True):
        assert between(share.minor, 0, rest.of.minor) == share.minor
    assert _sums([*stays, *credited, *open_or_void]) == _whole(document)


@given(documents(), st.data())
def test_whatever_is_cancelled_and_billed_anew_all_that_stands_is_the_order_at_the_end(document: dict[str, Any], data: st.DataObject) -> None:
    """Papers are cancelled to be billed anew, in other parts than before."""
    order = parse_order(document, defaults=defaults)
    shares, standing = allocate_order(order), list[Invoice]()
    for chosen in [*data.draw(st.composite(split)(all_units(order))), {}]:
        is_cancelled = data.draw(st.booleans())
        if standing and is_cancelled:
            standing.remove(data.draw(st.sampled_from(standing)))
        open_ = _open(order, standing)
        take = {line: units for line in chosen if (units := data.draw(st.integers(0, open_.get(line, 0))))} if chosen else open_
        if take:
            before = documented_by(standing, shares)
            standing.append(billed(order, before=standing, take=take))
            check_whole(standing[-1], order, shares, before=before, ledger=before.units)

    assert _open(order, standing) == {}
    assert (sum(paper.totals.net_minor for paper in standing), sum(paper.totals.tax_minor for paper in standing)) == cost(document)
    assert _sums([share for paper in standing for share in paper.carried]) == _whole(document)


def _open(order: Order, standing: list[Invoice]) -> dict[int, int]:
    done = Counter[int]()
    for paper in standing:
        done.update(units_of(paper))
    return {line: units - done[line] for line, units in all_units(order).items() if units > done[line]}


def _sums(amounts: list[Carried]) -> Counter[tuple[int, str, Decimal]]:
    """Line, kind and rate to what is carried of it."""
    sums = Counter[tuple[int, str, Decimal]]()
    for share in amounts:
        sums[share.line, share.kind, share.rate] += share.minor
    return sums


def _whole(document: dict[str, Any]) -> Counter[tuple[int, str, Decimal]]:
    sums = Counter[tuple[int, str, Decimal]]()
    for (line, kind, rate, _), minor in amounts_of(document).items():
        sums[line, kind, Decimal(rate)] += int(minor)
    return sums


@given(documents(), st.data())
def test_what_is_due_is_what_the_papers_ask_for(document: dict[str, Any], data: st.DataObject) -> None:
    order = parse_order(document, defaults=defaults)
    shares = allocate_order(order)
    asked, units = 0, dict.fromkeys(all_units(order), 0)
    parts = data.draw(st.composite(split)(all_units(order)))
    for invoice, take in zip(bill_all(order, parts), parts, strict=True):
        asked += payable(invoice)
        units = {line: units[line] + take.get(line, 0) for line in units}
        assert value_minor(order, shares, units) == asked


@given(documents(returns=False), st.data())
def test_no_part_of_a_sale_asks_for_less_than_nothing(document: dict[str, Any], data: st.DataObject) -> None:
    order = parse_order(document, defaults=defaults)
    for invoice in bill_all(order, data.draw(st.composite(split)(all_units(order)))):
        assert payable(invoice) >= 0
        assert all(group.base_minor >= 0 and group.tax_minor >= 0 for group in invoice.tax_groups)


def test_a_line_that_does_not_divide_and_is_nearly_free_is_never_worth_less_than_nothing() -> None:
    """Rounded each for itself, 1.01 less a voucher of 1.00 would be 0.34 - 0.33, 0.33 - 0.34 and 0.34 - 0.33."""
    order = placed(item(3, "0.34", discount="0.01"), discounts=[{"amount": "1.00"}], prices="net")
    invoices = bill_all(order, [{1: 1}, {1: 1}, {1: 1}])
    assert [(invoice.totals.lines_minor, invoice.totals.allowances_minor) for invoice in invoices] == [(33, 33), (35, 34), (33, 33)]


def test_a_sale_that_turns_a_return_into_a_debt_keeps_the_sum() -> None:
    order = placed(item(-1, "0.01", "100", return_of="A-0"), item(1, "0.02", "100"))
    assert [(invoice.totals.net_minor, invoice.totals.tax_minor) for invoice in bill_all(order, [{1: 1}, {2: 1}])] == [(0, -1), (0, 2)]


@given(documents())
def test_shares_sum_to_what_the_order_says_and_survive_being_stored(document: dict[str, Any]) -> None:
    order = parse_order(document, defaults=defaults)
    shares = allocate_order(order)
    assert load_shares({number: shares_to_json(shares, number) for number in shares}) == shares
    for kind, whole in (
        ("discount", sum(discount.amount_minor for discount in order.discounts)),
        ("shipping", order.shipping.price_minor if order.shipping else 0),
    ):
        assert sum(share.minor for line in shares.values() for share in line if share.kind == kind) == whole


@given(documents())
def test_a_voucher_takes_no_more_from_a_line_than_it_costs(document: dict[str, Any]) -> None:
    for line in allocate_order(parse_order(document, defaults=defaults)).values():
        for voucher in (share for share in line if share.kind == "discount"):
            assert 0 < voucher.minor <= sum(share.minor for share in line if share.kind in {"item", "option"} and share.group == voucher.group)

"""Credit notes: whole, by units, by amounts; they never take more than was billed, and the last takes exactly the rest (rule 8)."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oms.errors import Permanent
from oms.invoicing import Invoice, Seller, compose_credit
from oms.invoicing.cii import invoice_to_cii
from oms.invoicing.rest import Wanted, open_units, rest_of
from oms.invoicing.ubl import invoice_to_ubl
from oms.orders import Order, parse_order, parse_order_text
from tests.unit.invoicing.papers import SELLER, all_units, billed, defaults, item, placed
from tests.unit.invoicing.random_orders import documents, split
from tests.unit.invoicing.slowly import amounts_of, part
from tests.unit.invoicing.test_cases import ORDERS, ROWS

BY_UNIT = {
    19: {"19": [(2994, 569), (2993, 569)], "7": [(702, 49), (701, 49)]},
    20: {"7": [(1755, 123), (1756, 123), (1755, 123)], "19": [(1404, 267), (1404, 266), (1404, 267)]},
}
"""Case to rate to base and tax of each unit, where they are billed, or credited, one after the other."""


def credited(order: Order, invoice: Invoice, *earlier: Invoice, reason: str | None = "returned", **wanted: Any) -> Invoice:
    return compose_credit(
        invoice,
        earlier,
        wanted=Wanted(**wanted),
        order=order,
        seller=Seller.from_mapping(SELLER),
        number=f"RK-2026-{len(earlier) + 1:05}",
        issued_on=date(2026, 11, 26),
        reason=reason,
    )


def payable(paper: Invoice) -> int:
    return paper.totals.gross_minor + paper.totals.rounding_minor


def test_three_credits_of_one_unit_each_sum_to_the_invoice() -> None:
    """Case 11 of the table."""
    order = parse_order_text((ORDERS / "case-01.json").read_bytes(), defaults=defaults)
    invoice, papers = billed(order), list[Invoice]()
    for _ in range(3):
        papers.append(credited(order, invoice, *papers, units={1: 1}))
    assert [(each.totals.net_minor, each.totals.tax_minor, each.totals.gross_minor) for each in papers] == [
        (1999, 380, 2379),
        (1999, 380, 2379),
        (1999, 379, 2378),
    ]
    assert sum(map(payable, papers)) == payable(invoice) == 7136


@pytest.mark.parametrize("number", BY_UNIT)
def test_units_of_a_case_sum_to_its_row_whether_they_are_billed_or_credited_one_by_one(number: int) -> None:
    row, order = ROWS[number], parse_order_text((ORDERS / f"case-{number:02}.json").read_bytes(), defaults=defaults)
    whole, units = billed(order), order.lines[0].units
    invoices = [billed(order, before={1: before}, take={1: 1}) for before in range(units)]
    credits_: list[Invoice] = []
    for _ in range(units):
        credits_.append(credited(order, whole, *credits_, units={1: 1}, shipping="share"))
    for papers in (invoices, credits_):
        assert {rate: [_group(paper, rate) for paper in papers] for rate in BY_UNIT[number]} == BY_UNIT[number]
        sums = [sum(getattr(paper.totals, name) for paper in papers) for name in ("net_minor", "tax_minor", "gross_minor")]
        assert sums == [row.net, row.tax, row.gross]


def _group(paper: Invoice, rate: str) -> tuple[int, int]:
    return next((group.base_minor, group.tax_minor) for group in paper.tax_groups if str(group.rate) == rate)


def test_a_credit_of_everything_says_what_the_invoice_says_and_names_it() -> None:
    goods = (item(2, "9.99", options=[{"name": "Book", "price": "1.00", "tax_rate": "7"}]), item(1, "3.33", "7"))
    vouchers = [{"name": "A", "amount": "1.01"}, {"name": "B", "amount": "0.98"}]
    order = placed(*goods, discounts=vouchers, shipping={"name": "DHL", "price": "4.90"})
    invoice = billed(order, paid_minor=1000)
    credit = credited(order, invoice)
    same = ("lines", "allowances", "charges", "tax_groups", "currency", "carried")
    assert all(getattr(credit, name) == getattr(invoice, name) for name in same)
    assert (credit.kind, credit.reason) == ("credit_note", "returned")
    assert credit.parent is not None
    assert (credit.parent.number, credit.parent.issued_on) == (invoice.number, invoice.issued_on)
    assert (credit.totals.paid_minor, credit.totals.due_minor) == (0, payable(invoice))


def test_a_unit_takes_its_share_of_the_voucher_with_it_and_the_shipping_if_that_is_wanted() -> None:
    order = placed(item(3, "20.00"), discounts=[{"name": "V", "amount": "6.00"}], shipping={"name": "DHL", "price": "4.50"})
    invoice = billed(order)
    assert [payable(credited(order, invoice, units={1: 1}, shipping=shipping)) for shipping in ("none", "share", "all")] == [1800, 1950, 2250]


def test_shipping_that_is_left_alone_is_a_line() -> None:
    order = placed(item(1, "20.00", "19"), item(1, "20.00", "7"), shipping={"name": "DHL", "price": "4.00"}, prices="net")
    invoice = billed(order)
    goods = credited(order, invoice, units={1: 1, 2: 1}, shipping="none")
    shipping = credited(order, invoice, goods)
    assert [(line.name, line.quantity, line.net_minor, str(line.tax_rate)) for line in shipping.lines] == [
        ("DHL", 1, 200, "19"),
        ("DHL", 1, 200, "7"),
    ]
    assert shipping.charges == ()
    assert payable(goods) + payable(shipping) == payable(invoice)


def test_an_amount_comes_off_a_line_and_the_units_are_worth_less_afterwards() -> None:
    order = placed(item(2, "20.00"))
    invoice = billed(order)
    first = credited(order, invoice, amounts={1: 500}, reason="scratched")
    second = credited(order, invoice, first, units={1: 1})
    third = credited(order, invoice, first, second, units={1: 1})
    assert [payable(each) for each in (first, second, third)] == [500, 1750, 1750]
    assert [(line.name, line.quantity, line.note) for line in first.lines] == [("Cup", 1, "scratched")]


def test_an_amount_makes_only_those_units_cheaper_that_are_left() -> None:
    """10.00 were paid back for the first: the other two are 20.00 less 5.00, not two thirds of 30.00 less 5.00 less what the first took too much."""
    order = placed(item(3, "10.00"))
    invoice, papers = billed(order), list[Invoice]()
    wishes: list[dict[str, Any]] = [{"units": {1: 1}}, {"amounts": {1: 500}}, {"units": {1: 1}}, {"units": {1: 1}}]
    for wanted in wishes:
        papers.append(credited(order, invoice, *papers, **wanted))
    assert [payable(each) for each in papers] == [1000, 500, 750, 750]


def test_no_credit_is_less_than_nothing_when_a_voucher_leaves_nearly_nothing() -> None:
    """Found by a random order: after an amount the next unit would have come to -0.20, and its tax was more than the rest had."""
    bundle = {"id": "B", "name": "B", "price": "9.99"}
    goods = (item(4, "0.00", options=[{"name": "O", "price": "3.66", "tax_rate": "19"}]), item(3, "0.00", bundle=bundle))
    order = placed(*goods, discounts=[{"name": "A", "amount": "20.11"}])
    invoice, papers = billed(order), list[Invoice]()
    wishes: list[dict[str, Any]] = [{"units": {2: 1}}, {"units": {1: 4}}, {"amounts": {0: 121}}, {"units": {2: 1}}, {}]
    for wanted in wishes:
        papers.append(credited(order, invoice, *papers, **wanted))
    assert [(each.totals.net_minor, each.totals.tax_minor) for each in papers] == [(51, 10), (226, 43), (102, 19), (0, 0), (1, 0)]
    assert sum(map(payable, papers)) == payable(invoice) == 452


def test_the_last_credit_takes_the_rest_of_the_tax_though_its_own_base_would_have_less() -> None:
    """The invoice is a part of its order: 45 cents have 7.18 of tax, and it says 8. The first credit has 0; 19 % of the last one's base are 6.46."""
    order = placed(item(1, "0.02"), item(1, "0.03"), item(1, "0.42"))
    invoice = billed(order, before={1: 1}, take={2: 1, 3: 1})
    first = credited(order, invoice, units={2: 1})
    last = credited(order, invoice, first)
    assert [(each.totals.net_minor, each.totals.tax_minor) for each in (invoice, first, last)] == [(37, 8), (3, 0), (34, 8)]


def test_no_credit_has_more_base_than_was_billed() -> None:
    """The invoice is a part, 0.07 and 0.02 of tax. All of it by amount would be 0.08 and 0.01, so that the unit which is left took a cent back."""
    order = placed(item(1, "0.02"), item(1, "0.13"), discounts=[{"name": "V", "amount": "0.05"}])
    invoice = billed(order, before={1: 1}, take={2: 1})
    first = credited(order, invoice, amounts={0: 9})
    last = credited(order, invoice, first)
    assert [(each.totals.net_minor, each.totals.tax_minor) for each in (invoice, first, last)] == [(7, 2), (7, 2), (0, 0)]


def test_a_tax_rate_of_which_a_part_has_nothing_stops_no_credit() -> None:
    """The one cent of shipping stands on the invoice over the first unit."""
    order = placed(item(2, "10.00", "7"), shipping={"price": "0.01", "tax": "fixed", "tax_rate": "19"})
    credit = credited(order, billed(order, before={1: 1}, take={1: 1}), units={1: 1})
    assert [(str(group.rate), group.base_minor, group.tax_minor) for group in credit.tax_groups] == [("7", 934, 66)]


def test_an_amount_of_the_whole_is_a_line_per_tax_rate_with_the_reason_as_its_name() -> None:
    order = placed(item(1, "30.00", "19"), item(1, "10.00", "7"))
    credit = credited(order, billed(order), amounts={0: 400}, reason="for the delay")
    assert [(line.name, line.quantity, str(line.tax_rate), line.net_minor) for line in credit.lines] == [
        ("for the delay", 1, "19", 252),
        ("for the delay", 1, "7", 93),
    ]
    assert payable(credit) == 400


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"units": {1: 3}}, "Of line 1 2 units are left to credit on RE-2026-00001, not 3"),
        ({"units": {1: 0}}, "2 units are left to credit"),
        ({"units": {2: 1}}, "Line 2 does not stand on RE-2026-00001: it bills line 1"),
        ({"amounts": {1: 4001}}, r"A credit of 40\.01 EUR can't be given on line 1 of RE-2026-00001: 40\.00 are left"),
        ({"amounts": {0: 4001}}, r"A credit of 40\.01 EUR can't be given on RE-2026-00001"),
        ({"amounts": {0: -1}}, "can't be given"),
        ({"units": {1: 1}, "amounts": {1: 100}}, "by units or by amount"),
        ({"units": {1: 1}, "amounts": {0: 100}}, "stands alone"),
    ],
)
def test_what_is_not_there_is_not_credited(wanted: dict[str, Any], said: str) -> None:
    order = placed(item(2, "20.00"))
    with pytest.raises(Permanent, match=said):
        credited(order, billed(order), **wanted)


def test_nothing_is_left_once_everything_is_credited() -> None:
    order = placed(item(2, "20.00"))
    invoice = billed(order)
    with pytest.raises(Permanent, match="Nothing is left to credit of RE-2026-00001"):
        credited(order, invoice, credited(order, invoice))


@pytest.mark.parametrize(
    ("then", "now"),
    [({}, {"small_business": True, "vat_id": None}), ({"small_business": True}, {})],
    ids=["became small", "is small no more"],
)
def test_what_was_charged_is_taken_back_though_the_seller_would_charge_otherwise_today(then: dict[str, Any], now: dict[str, Any]) -> None:
    goods, reason = item(2, "25.00"), {"code": None, "text": "§ 19 UStG"}
    order = placed(goods | {"tax_rate": "0", "tax_category": "E"}, exemption=reason) if then else placed(goods)
    invoice = billed(order, seller=SELLER | then)
    seller = Seller.from_mapping(SELLER | {"name": "Muster & Söhne", "tax_number": "30/123/45678"} | now)
    about: dict[str, Any] = {"number": "RK-1", "issued_on": date(2027, 3, 1), "reason": "returned"}
    credit = compose_credit(invoice, [], wanted=Wanted(units={1: 1}), order=order, seller=seller, **about)
    assert (credit.seller.name, credit.seller.small_business, credit.seller.vat_id) == ("Muster & Söhne", bool(then), SELLER["vat_id"])
    assert [group.tax_minor for group in credit.tax_groups] == [0 if then else 399]


def test_a_credit_is_not_credited() -> None:
    order = placed(item(2, "20.00"))
    with pytest.raises(Permanent, match="is a credit note itself"):
        credited(order, credited(order, billed(order)))


def test_a_foreign_currency_says_its_tax_at_home_and_the_last_credit_takes_the_rest_of_it() -> None:
    order = placed(item(3, "33.33"), prices="net", currency="USD", exchange_rate="1.0832")
    invoice, papers = billed(order), list[Invoice]()
    for _ in range(3):
        papers.append(credited(order, invoice, *papers, units={1: 1}))
    assert invoice.home_tax is not None
    assert sum(each.home_tax.tax_minor for each in papers if each.home_tax) == invoice.home_tax.tax_minor == 1754


@given(documents(), st.data(), st.booleans())
def test_credits_never_exceed_the_invoice_and_the_last_takes_exactly_the_rest(
    document: dict[str, Any],
    data: st.DataObject,
    payable_rounding: bool,  # noqa: FBT001 - drawn
) -> None:
    order = parse_order(document, defaults=defaults)
    before = {line: data.draw(st.integers(0, units)) for line, units in all_units(order).items()}
    take = {line: units - before[line] for line, units in all_units(order).items() if units > before[line]}
    assume(take)
    invoice = billed(order, before=before, take=take, payable_rounding=payable_rounding)
    papers: list[Invoice] = []
    for _ in range(data.draw(st.integers(0, 4))):
        left = open_units(rest_of(invoice, papers))
        wanted = {line: data.draw(st.integers(0, units)) for line, units in left.items()}
        if any(wanted.values()):
            shipping = data.draw(st.sampled_from(["all", "share", "none"]))
            papers.append(credited(order, invoice, *papers, units={line: units for line, units in wanted.items() if units}, shipping=shipping))
        worth = sum(max(rest.minor, 0) for rest in rest_of(invoice, papers) if rest.of.kind == "item")
        amount = data.draw(st.integers(0, max(worth, 0)))
        with suppress(Permanent):  # more than is left, vouchers taken off
            papers.append(credited(order, invoice, *papers, amounts={0: amount}))
    with suppress(Permanent):  # all is credited already
        papers.append(credited(order, invoice, *papers))
    for name in ("net_minor", "tax_minor", "gross_minor", "rounding_minor"):
        assert sum(getattr(credit.totals, name) for credit in papers) == getattr(invoice.totals, name)
    for rest in rest_of(invoice, papers):
        assert (rest.units, rest.minor) == (0, 0)
    if all(item["quantity"] > 0 for item in document["items"]):
        assert [group for credit in papers for group in credit.tax_groups if group.base_minor < 0 or group.tax_minor < 0] == []


@given(documents(), st.data())
def test_units_of_a_whole_invoice_are_credited_with_what_a_second_slow_reckoning_says(document: dict[str, Any], data: st.DataObject) -> None:
    """With their shares of shipping: then a credit takes back what a part would have billed."""
    order, amounts = parse_order(document, defaults=defaults), amounts_of(document)
    invoice, papers = billed(order), list[Invoice]()
    before: dict[int, int] = {}
    for take in data.draw(st.composite(split)(all_units(order))):
        after = {line: before.get(line, 0) + take.get(line, 0) for line in before | take}
        papers.append(credited(order, invoice, *papers, units=take, shipping="share"))
        printed = {f"{group.rate:f}": (group.base_minor, group.tax_minor) for group in papers[-1].tax_groups if group.base_minor or group.tax_minor}
        assert printed == part(document, amounts, before, after)
        before = after


def test_a_line_has_the_orders_number_on_every_paper_and_in_both_syntaxes() -> None:
    """What is read there is what a credit by line is asked for: on an invoice over lines 2 and 3, too."""
    book = [{"name": "Book", "price": "1.00", "tax_rate": "7"}]
    order = placed(item(name="Mug"), item(2, name="Assam"), item(name="Teapot", options=book))
    invoice = billed(order, before={1: 1}, take={2: 2, 3: 1})
    assert [(line.place, line.name) for line in invoice.lines] == [("2", "Assam"), ("3", "Teapot"), ("3.1", "Book")]
    for paper in (invoice, credited(order, invoice, units={2: 2, 3: 1}), credited(order, invoice, amounts={2: 100, 3: 100})):
        assert [line.place for line in paper.lines] == ["2", "3", "3.1"]
        assert re.findall("<ram:LineID>(.*?)</", invoice_to_cii(paper).decode()) == ["2", "3", "3.1"]
        assert re.findall(r"Line>\s*<cbc:ID>(.*?)</", invoice_to_ubl(paper).decode()) == ["2", "3", "3.1"]
    before = replace(invoice, lines=tuple(replace(line, place="") for line in invoice.lines))
    assert re.findall("<ram:LineID>(.*?)</", invoice_to_cii(before).decode()) == ["1", "2", "3"]

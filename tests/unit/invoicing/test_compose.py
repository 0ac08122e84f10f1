"""What an invoice says, besides its sums."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from oms.documents.templates import Templates
from oms.errors import Permanent
from oms.invoicing import (
    Invoice,
    InvoiceWrong,
    allocate_order,
    check_invoice,
    due_date,
    invoice_from_json,
    invoice_to_json,
    order_total_minor,
    value_minor,
)
from tests.unit.invoicing.papers import ADDRESS, SELLER, billed, item, placed

TEMPLATES = Path(__file__).parents[3] / "templates"


def test_a_cancelled_unit_takes_its_share_of_voucher_and_shipping_with_it() -> None:
    """Rule 7, its own example."""
    order = placed(item(3, "20.00"), discounts=[{"name": "V", "amount": "6.00"}], shipping={"name": "DHL", "price": "4.50"})
    shares = allocate_order(order)
    assert order_total_minor(order, shares) == 5850
    assert value_minor(order, shares, {1: 2}) == 3900
    assert billed(order, take={1: 2}).totals.due_minor == 3900


def test_two_of_three_items_are_settled_by_what_they_cost() -> None:
    """Rule 1, its own trace: one of three is cancelled, the customer pays 40.00."""
    order = placed(item(3, "20.00"))
    assert value_minor(order, allocate_order(order), {1: 2}) == 4000


def test_an_option_with_the_items_tax_is_part_of_its_price_and_named_below_it() -> None:
    line = billed(placed(item(2, "39.90", "0", options=[{"name": "Gift wrap", "price": "2.00", "tax_rate": "0"}]))).lines
    assert [(one.name, str(one.unit_price), one.net_minor, one.note) for one in line] == [("Cup", "41.90", 8380, "Gift wrap")]


def test_an_option_with_another_tax_is_a_line_of_its_own() -> None:
    invoice = billed(placed(item(2, "50.00", options=[{"name": "Book", "price": "5.00", "tax_rate": "7"}]), prices="net"), take={1: 1})
    assert [(line.name, line.sku, line.quantity, line.net_minor, str(line.tax_rate)) for line in invoice.lines] == [
        ("Cup", "CUP", 1, 5000, "19"),
        ("Book", None, 1, 500, "7"),
    ]


def test_a_bundles_price_is_divided_by_list_price() -> None:
    bundle = {"id": "B", "name": "Breakfast", "price": "24.00"}
    order = placed(item(2, "10.00", "19", bundle=bundle), item(1, "10.00", "7", bundle=bundle), prices="net")
    assert [(line.net_minor, str(line.unit_price), line.note) for line in billed(order).lines] == [
        (1600, "8.00", "Breakfast"),
        (800, "8.00", "Breakfast"),
    ]


def test_the_cent_that_net_prices_lack_goes_to_the_largest_remainder() -> None:
    """0.0840 and 8.3950 without tax, 8.48 together."""
    assert [line.net_minor for line in billed(placed(item(1, "0.10"), item(1, "9.99"))).lines] == [8, 840]


def test_a_lines_discount_is_in_its_price_and_said() -> None:
    (line,) = billed(placed(item(2, "39.90", discount="5.00"), prices="net")).lines
    assert (str(line.unit_price), line.discount_minor, line.net_minor) == ("37.40", 500, 7480)


def test_gross_prices_print_the_lines_discount_without_tax() -> None:
    (line,) = billed(placed(item(2, "39.90", discount="5.00"))).lines
    assert (line.net_minor, line.discount_minor) == (6286, 420)


def test_shipping_may_have_the_main_rate_of_the_goods_or_its_own() -> None:
    goods = (item(1, "10.00", "7"), item(2, "10.00", "19"))
    rates = {
        tax: [(str(charge.tax_rate), charge.amount_minor) for charge in billed(placed(*goods, shipping=shipping, prices="net")).charges]
        for tax, shipping in {
            "by_value": {"price": "3.00"},
            "main_rate": {"price": "3.00", "tax": "main_rate"},
            "fixed": {"price": "3.00", "tax": "fixed", "tax_rate": "25"},
        }.items()
    }
    assert rates == {"by_value": [("7", 100), ("19", 200)], "main_rate": [("19", 300)], "fixed": [("25", 300)]}


def test_shipping_comes_off_goods_that_cost_nothing_equally() -> None:
    invoice = billed(placed(item(1, "0.00", "19"), item(1, "0.00", "7"), shipping={"price": "5.00"}, prices="net"))
    assert [(charge.amount_minor, str(charge.tax_rate)) for charge in invoice.charges] == [(250, "19"), (250, "7")]


def test_vouchers_are_printed_by_name_and_rate_and_sum_to_themselves() -> None:
    vouchers = [{"name": "A", "amount": "0.01"}, {"name": "B", "amount": "0.01"}]
    invoice = billed(placed(item(1, "0.01", "19"), item(1, "0.01", "7"), discounts=vouchers, prices="net"))
    assert [(one.name, one.amount_minor, str(one.tax_rate)) for one in invoice.allowances] == [("A", 1, "19"), ("B", 1, "7")]


@pytest.mark.parametrize(("before", "take"), [({}, {1: 4}), ({1: 2}, {1: 2}), ({}, {1: -1})])
def test_more_than_was_ordered_is_never_billed(before: dict[int, int], take: dict[int, int]) -> None:
    with pytest.raises(InvoiceWrong, match=r"line 1 has [13] units left to be billed"):
        billed(placed(item(3, "20.00")), before=before, take=take)


def test_nothing_makes_no_invoice() -> None:
    with pytest.raises(InvoiceWrong, match="at least one line"):
        billed(placed(item()), take={1: 0})


@pytest.mark.parametrize(("paid", "printed", "due"), [(0, 0, 1000), (400, 400, 600), (1000, 1000, 0), (5000, 1000, 0), (-300, 0, 1000)])
def test_printed_as_paid_is_what_is_there_and_at_most_the_invoice(paid: int, printed: int, due: int) -> None:
    """Rule 9."""
    totals = billed(placed(item(1, "10.00")), paid_minor=paid).totals
    assert (totals.paid_minor, totals.due_minor) == (printed, due)


def test_nothing_is_paid_on_a_return() -> None:
    totals = billed(placed(item(-1, "10.00", return_of="A-0")), paid_minor=500).totals
    assert (totals.paid_minor, totals.due_minor) == (0, -1000)


def test_a_return_keeps_its_sign_and_names_what_it_takes_back() -> None:
    (line,) = billed(placed(item(-2, "10.00", "0", return_of="A-0", discount="1.00"))).lines
    assert (line.quantity, line.net_minor, str(line.unit_price), line.discount_minor, line.note) == (-2, -1900, "9.50", 100, "Rücknahme aus A-0")


def test_untaxed_goods_say_why() -> None:
    order = placed(
        item(2, "25.00", "0", tax_category="E"),
        exemption={"code": "VATEX-EU-132", "text": "Kein Ausweis von Umsatzsteuer, § 19 UStG"},
    )
    invoice = billed(order, seller=SELLER | {"small_business": True})
    assert [(group.category, group.base_minor, group.tax_minor, group.exemption_code, group.exemption_text) for group in invoice.tax_groups] == [
        ("E", 5000, 0, "VATEX-EU-132", "Kein Ausweis von Umsatzsteuer, § 19 UStG")
    ]


def test_a_small_business_issues_no_tax() -> None:
    with pytest.raises(Permanent, match="small business"):
        billed(placed(item()), seller=SELLER | {"small_business": True})


@pytest.mark.parametrize("missing", ["name", "street", "postcode", "city", "country", "vat_id"])
def test_without_what_the_law_wants_of_the_seller_no_invoice_is_issued(missing: str) -> None:
    with pytest.raises(Permanent, match=rf"config/seller\.toml lacks {missing}"):
        billed(placed(item()), seller={key: value for key, value in SELLER.items() if key != missing})


@pytest.mark.parametrize("missing", ["name", "street", "postcode", "city", "country"])
def test_without_the_buyers_whole_address_no_invoice_is_issued(missing: str) -> None:
    order = placed(item())
    incomplete = replace(order, billing_address=replace(order.billing_address, **{missing: " "}))
    with pytest.raises(Permanent, match=rf"The billing address of order A-1 lacks {missing}"):
        billed(incomplete)


@pytest.mark.parametrize("category", ["K", "AE", "G"])
def test_a_seller_without_vat_id_bills_nothing_that_needs_one(category: str) -> None:
    seller = {key: value for key, value in SELLER.items() if key != "vat_id"} | {"tax_number": "30/123/45678"}
    order = placed(item(1, "10.00", "0", tax_category=category), customer={"name": "M", "vat_id": "FR83404833048"})
    with pytest.raises(Permanent, match=rf"Tax category {category} is for sellers with a VAT id"):
        billed(order, seller=seller)


def test_a_tax_number_does_instead_of_a_vat_id() -> None:
    seller = {key: value for key, value in SELLER.items() if key != "vat_id"} | {"tax_number": "30/123/45678"}
    assert billed(placed(item()), seller=seller).seller.tax_number == "30/123/45678"


def test_managers_are_one_text() -> None:
    assert billed(placed(item())).seller.managers == "Erika Mustermann, Max Mustermann"


def test_another_address_is_shipped_to_only_where_it_differs() -> None:
    there = ADDRESS | {"city": "Wien", "country": "AT"}
    assert billed(placed(item(), shipping_address=ADDRESS)).ship_to is None
    ship_to = billed(placed(item(), shipping_address=there)).ship_to
    assert ship_to is not None
    assert ship_to.city == "Wien"


@pytest.mark.parametrize(("terms", "day"), [("14d", date(2026, 12, 8)), ("2w", date(2026, 12, 8)), ("0d", date(2026, 11, 24)), (None, None)])
def test_terms_say_when_to_pay(terms: str | None, day: date | None) -> None:
    assert due_date(terms, date(2026, 11, 24)) == day


def test_a_large_quantity_has_a_price_fine_enough() -> None:
    (line,) = billed(placed(item(999_999, "0.01"))).lines
    assert abs(line.quantity * line.unit_price * 100 - line.net_minor) < 1


def test_a_price_below_the_smallest_coin_is_printed_without_an_exponent() -> None:
    text = invoice_to_json(billed(placed(item(1_000_000, "0.01", discount="9999.99"))))
    assert json.loads(text)["lines"][0]["unit_price"] == "0.000000010"


def test_a_snapshot_of_a_newer_house_is_not_read() -> None:
    text = invoice_to_json(billed(placed(item())))
    with pytest.raises(ValueError, match="this oms reads schema 1"):
        invoice_from_json(text.replace('"schema":1', '"schema":2'))


def test_the_same_invoice_has_the_same_text() -> None:
    texts = {invoice_to_json(billed(placed(item(), discounts=discounts))) for discounts in ([{"amount": "1"}], [{"amount": "1.00"}])}
    assert len(texts) == 1


FULL: dict[str, Any] = {
    "customer": {"name": "Jana Novak", "email": "jana@example.com", "vat_id": "de 123 456 788"},
    "billing_address": ADDRESS | {"extra": "c/o Büro"},
    "shipping_address": ADDRESS | {"city": "Wien", "country": "AT"},
    "shipping": {"name": "DHL", "price": "4.90"},
    "discounts": [{"name": "WELCOME10", "amount": "10.00"}],
    "delivery_date": "2026-11-20",
    "buyer_reference": "PO-7",
}


@pytest.mark.parametrize("more", [{}, FULL], ids=["bare", "full"])
def test_the_shipped_template_prints_a_snapshot(more: dict[str, Any]) -> None:
    order = placed(item(2, "39.90", unit="Stk", options=[{"name": "Gift wrap", "price": "2.00"}]), item(1, "12.00", "7", discount="1.00"), **more)
    snapshot = json.loads(invoice_to_json(billed(order, paid_minor=100)))
    html = Templates([TEMPLATES]).invoice_html(snapshot, store="main")
    assert "Gift wrap" in html
    assert "DE123456788" in html
    assert ("WELCOME10" in html) == ("discounts" in more)


def tampered(**changes: Any) -> Invoice:
    invoice = billed(placed(item(2, "10.00"), shipping={"price": "4.90"}, discounts=[{"amount": "1.00"}]))
    totals = {key: value for key, value in changes.items() if key.endswith("_minor")}
    others = {key: value for key, value in changes.items() if key not in totals}
    return replace(invoice, **others, totals=replace(invoice.totals, **totals))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"lines": ()}, "BR-16"),
        ({"lines_minor": 1}, "BR-CO-10"),
        ({"allowances_minor": 1}, "BR-CO-11"),
        ({"charges_minor": 1}, "BR-CO-12"),
        ({"net_minor": 1}, "BR-CO-13"),
        ({"tax_minor": 1}, "BR-CO-14"),
        ({"gross_minor": 1}, "BR-CO-15"),
        ({"due_minor": 1}, "BR-CO-16"),
        ({"paid_minor": 10_000}, "paid is at most"),
        ({"tax_groups": ()}, "BR-CO-18"),
    ],
)
def test_an_invoice_that_contradicts_itself_is_not_issued(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(InvoiceWrong, match=rule):
        check_invoice(tampered(**changes))


def test_tax_price_and_sign_are_reckoned_again() -> None:
    invoice = tampered()
    (line,), (group,), (charge,) = invoice.lines, invoice.tax_groups, invoice.charges
    for wrong, rule in (
        (replace(invoice, tax_groups=(replace(group, tax_minor=group.tax_minor + 2),)), "tax of S 19 %"),
        (replace(invoice, lines=(replace(line, quantity=3),)), "price of line 1"),
        (replace(invoice, lines=(replace(line, quantity=-2),)), "no line changes its sign"),
        (replace(invoice, charges=(replace(charge, amount_minor=-1),)), "no amount is negative"),
    ):
        with pytest.raises(InvoiceWrong, match=rule):
            check_invoice(wrong)

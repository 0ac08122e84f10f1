"""The acceptance cases of the design, each an order document in tests/data/orders: every figure of its row.

19 and 20 are our own: two options of one line share a voucher, and the line has two rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from oms.invoicing import Amount, invoice_from_json, invoice_to_json, order_total_minor
from oms.invoicing.shares import allocate_order
from oms.orders import order_from_json, order_to_json, parse_order_text
from tests.unit.invoicing.papers import SELLER, billed, defaults

SMALL_BUSINESS = {key: value for key, value in SELLER.items() if key != "vat_id"} | {"tax_number": "30/123/45678", "small_business": True}
ORDERS = Path(__file__).parents[2] / "data" / "orders"


@dataclass(frozen=True, kw_only=True)
class Row:
    """What the paper must say, in cents."""

    lines: list[int]  #: BT-131
    prices: list[str] = field(default_factory=list)  #: BT-146
    discounts: list[tuple[int, str]] = field(default_factory=list)  #: amount, rate
    charges: list[tuple[int, str]] = field(default_factory=list)
    groups: list[tuple[str, int, int]]  #: rate, base, tax
    net: int  #: BT-109
    tax: int  #: BT-110
    gross: int  #: BT-112
    due: int  #: BT-115
    rounding: int = 0  #: BT-114
    payable_rounding: bool = False
    home: tuple[str, str, int] | None = None  #: BT-6, the rate, BT-111
    note: str | None = None  #: why no tax is charged
    seller: Mapping[str, object] = field(default_factory=lambda: SELLER)


ROWS = {
    1: Row(lines=[5997], prices=["19.99"], groups=[("19", 5997, 1139)], net=5997, tax=1139, gross=7136, due=7136),
    2: Row(lines=[33] * 10, groups=[("19", 330, 63)], net=330, tax=63, gross=393, due=393),
    3: Row(
        lines=[10000, 2000],
        discounts=[(500, "19"), (100, "7")],
        charges=[(492, "19"), (98, "7")],
        groups=[("19", 9992, 1898), ("7", 1998, 140)],
        net=11990,
        tax=2038,
        gross=14028,
        due=14028,
    ),
    4: Row(lines=[1679], prices=["8.394958"], charges=[(412, "19")], groups=[("19", 2091, 397)], net=2091, tax=397, gross=2488, due=0),
    5: Row(lines=[839], prices=["8.394958"], groups=[("19", 839, 160)], net=839, tax=160, gross=999, due=0),
    6: Row(lines=[839], groups=[("19", 839, 159)], net=839, tax=159, gross=998, rounding=1, due=999, payable_rounding=True),
    8: Row(lines=[12500], groups=[("0", 12500, 0)], net=12500, tax=0, gross=12500, due=12500, note="Steuerfreie innergemeinschaftliche Lieferung"),
    9: Row(lines=[50000], groups=[("0", 50000, 0)], net=50000, tax=0, gross=50000, due=50000, note="Steuerschuldnerschaft des Leistungsempfängers"),
    10: Row(
        lines=[5000],
        groups=[("0", 5000, 0)],
        net=5000,
        tax=0,
        gross=5000,
        due=5000,
        note="Kein Ausweis von Umsatzsteuer, § 19 UStG",
        seller=SMALL_BUSINESS,
    ),
    14: Row(lines=[6666], groups=[("19", 6666, 1267)], net=6666, tax=1267, gross=7933, due=7933, home=("EUR", "1.0832", 1170)),
    15: Row(lines=[100000], groups=[("19", 100000, 19000)], net=100000, tax=19000, gross=119000, due=69000),
    17: Row(lines=[2000], discounts=[(2000, "19")], groups=[("19", 0, 0)], net=0, tax=0, gross=0, due=0),
    18: Row(lines=[-761250], prices=["7612.50"], groups=[("19", -761250, -144638)], net=-761250, tax=-144638, gross=-905888, due=-905888),
    19: Row(
        lines=[6400, 1000, 500],
        prices=["32.00", "5.00", "2.50"],
        discounts=[(190, "7"), (810, "19")],
        charges=[(93, "7"), (397, "19")],
        groups=[("19", 5987, 1138), ("7", 1403, 98)],
        net=7390,
        tax=1236,
        gross=8626,
        due=8626,
    ),
    20: Row(
        lines=[5514, 1258, 3151],
        prices=["18.38", "4.193277", "10.504202"],
        discounts=[(248, "7"), (197, "19")],
        groups=[("7", 5266, 369), ("19", 4212, 800)],
        net=9478,
        tax=1169,
        gross=10647,
        due=10647,
    ),
}


def _amounts(amounts: tuple[Amount, ...]) -> list[tuple[int, str]]:
    return [(amount.amount_minor, str(amount.tax_rate)) for amount in amounts]


@pytest.mark.parametrize("number", ROWS)
def test_the_invoice_of_a_case_says_what_its_row_says(number: int) -> None:
    row = ROWS[number]
    order = parse_order_text((ORDERS / f"case-{number:02}.json").read_bytes(), defaults=defaults)
    paid = sum(payment.amount_minor for payment in order.payments)
    invoice = billed(order, paid_minor=paid, payable_rounding=row.payable_rounding, seller=row.seller)
    totals = invoice.totals
    assert [line.net_minor for line in invoice.lines] == row.lines
    assert not row.prices or [str(line.unit_price) for line in invoice.lines] == row.prices
    assert _amounts(invoice.allowances) == row.discounts
    assert _amounts(invoice.charges) == row.charges
    assert [(str(group.rate), group.base_minor, group.tax_minor) for group in invoice.tax_groups] == row.groups
    assert (totals.lines_minor, totals.allowances_minor, totals.charges_minor) == (
        sum(row.lines),
        sum(amount for amount, _ in row.discounts),
        sum(amount for amount, _ in row.charges),
    )
    assert (totals.net_minor, totals.tax_minor, totals.gross_minor) == (row.net, row.tax, row.gross)
    assert (totals.rounding_minor, totals.due_minor) == (row.rounding, row.due)
    assert [group.exemption_text for group in invoice.tax_groups if group.exemption_text] == ([row.note] if row.note else [])
    home = invoice.home_tax
    assert (home and (home.currency, str(home.exchange_rate), home.tax_minor)) == row.home
    assert order_total_minor(order, allocate_order(order)) == row.gross + row.rounding


@pytest.mark.parametrize("number", ROWS)
def test_order_and_invoice_of_a_case_survive_being_stored(number: int) -> None:
    order = parse_order_text((ORDERS / f"case-{number:02}.json").read_bytes(), defaults=defaults)
    invoice = billed(order, seller=ROWS[number].seller)
    assert order_from_json(order_to_json(order)) == order
    assert invoice_from_json(invoice_to_json(invoice)) == invoice


def test_every_document_of_the_folder_has_its_row() -> None:
    assert sorted(path.name for path in ORDERS.glob("case-*.json")) == [f"case-{number:02}.json" for number in sorted(ROWS)]

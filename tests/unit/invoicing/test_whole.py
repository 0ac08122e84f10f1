"""An invoice that would bill more than the order has, or not all of it with the last unit, is not issued (rule 7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oms.invoicing import Invoice, InvoiceWrong, allocate_order, check_ledger, check_whole, units_of
from oms.invoicing.documented import carried_on, documented_by
from tests.unit.invoicing.papers import billed, item, placed

ORDER = placed(item(3, "20.00"), discounts=[{"name": "V", "amount": "6.00"}], shipping={"name": "DHL", "price": "4.50"})
SHARES = allocate_order(ORDER)


def check(paper: Invoice, *, units_before: int, ledger: int | None = None) -> None:
    before = documented_by([billed(ORDER, take={1: units_before})] if units_before else [], SHARES)
    check_whole(paper, ORDER, SHARES, before=before, ledger={1: units_before if ledger is None else ledger})


def with_item_at(paper: Invoice, minor: int) -> Invoice:
    return replace(paper, carried=tuple(replace(share, minor=minor) if share.kind == "item" else share for share in paper.carried))


@pytest.mark.parametrize("before", [0, 1, 2])
def test_each_part_of_an_order_fits(before: int) -> None:
    check(billed(ORDER, take={1: 1}, before={1: before}), units_before=before)
    check(billed(ORDER, take={1: 3 - before}, before={1: before}), units_before=before)


def test_more_units_than_the_order_has_are_refused() -> None:
    with pytest.raises(InvoiceWrong, match="would not sum to line 1 of the order"):
        check(billed(ORDER, take={1: 2}), units_before=2)


@pytest.mark.parametrize("minor", [1999, 2001])
def test_a_last_unit_that_does_not_complete_the_line_is_refused(minor: int) -> None:
    last = billed(ORDER, take={1: 1}, before={1: 2})
    with pytest.raises(InvoiceWrong, match="so it is not issued"):
        check(with_item_at(last, minor), units_before=2)


def test_a_part_with_more_than_the_whole_line_is_refused() -> None:
    with pytest.raises(InvoiceWrong, match="so it is not issued"):
        check(with_item_at(billed(ORDER, take={1: 1}), 6001), units_before=0)


@pytest.mark.parametrize(("ledger", "units"), [(0, 1), (2, 1), (1, 0)])
def test_a_ledger_that_has_other_units_on_earlier_invoices_than_they_say_is_refused(ledger: int, units: int) -> None:
    with pytest.raises(InvoiceWrong, match=f"Of line 1 the ledger has {ledger} units on earlier invoices, they have {units}, so .* is not issued"):
        check(billed(ORDER, take={1: 1}, before={1: units}), units_before=units, ledger=ledger)


def test_a_part_that_takes_a_voucher_back_is_refused() -> None:
    """Of a voucher that was lowered since, earlier parts may have had more than their share."""
    paper = billed(ORDER, take={1: 1}, before={1: 2})
    back = replace(paper, carried=tuple(replace(share, minor=-1) if share.kind == "discount" else share for share in paper.carried))
    lowered = {1: tuple(replace(share, minor=399) if share.kind == "discount" else share for share in SHARES[1])}
    with pytest.raises(InvoiceWrong, match="would not sum to line 1"):
        check_whole(back, ORDER, lowered, before=documented_by([billed(ORDER, take={1: 2})], SHARES), ledger={1: 2})


def test_units_are_counted_once_for_all_amounts_of_a_line() -> None:
    assert units_of(billed(ORDER, take={1: 2})) == {1: 2}


@pytest.mark.parametrize("entries", [[], [(1, 7, 1)], [(1, 7, 3)], [(1, 7, 2), (2, 8, 1)], [(2, 7, 2)]])
def test_a_ledger_that_names_other_units_than_the_paper_is_refused(entries: list[tuple[int, int, int]]) -> None:
    with pytest.raises(InvoiceWrong, match="The ledger would not name the units"):
        check_ledger(billed(ORDER, take={1: 2}), entries)


def test_a_ledger_may_name_the_units_of_a_line_item_by_item() -> None:
    check_ledger(billed(ORDER, take={1: 2}), [(1, 7, 1), (1, 8, 1)])


def test_a_part_after_a_reopened_one_takes_no_voucher_back() -> None:
    """Of five units with a voucher of 0.02 the second and the fourth have a cent of it. With these two alone on paper, the third has none."""
    order = placed(item(5, "20.00"), discounts=[{"name": "V", "amount": "0.02"}])
    shares = allocate_order(order)
    parts = [billed(order, take={1: 1}, before={1: number}) for number in (1, 3)]
    stands = documented_by(parts, shares)
    assert [share.minor for share in carried_on(order, shares, stands, {1: 1}) if share.kind == "discount"] == [0]
    assert [share.minor for share in carried_on(order, shares, stands, {1: 3}) if share.kind == "discount"] == [0]

"""Goods against money: the invoice goes out when the order is paid."""

from __future__ import annotations

import pytest

from oms.errors import InvalidInput
from tests.unit.engine.scene import Scene

TOTAL = "168.80"
WHY = {"reason": "The customer asked for it."}


def _at(scene: Scene) -> str:
    """The one state that all items stand in."""
    (state,) = set(scene.states())
    return state


@pytest.fixture
def placed(shipped: Scene) -> Scene:
    shipped.place(payment={"method": "prepayment"})
    shipped.settle()
    return shipped


def test_the_usual_way_from_the_order_to_the_parcel(placed: Scene) -> None:
    assert (_at(placed), placed.mails(), placed.bills()) == ("payment pending", ["order_confirmation"], [])

    placed.pay(TOTAL)
    assert _at(placed) == "paid"
    placed.settle()
    assert (_at(placed), placed.bills()) == ("invoiced", [(16880, 16880)])
    placed.trigger("ship", payload={"tracking": "T1"})
    assert placed.mails() == ["order_confirmation", "invoice", "shipped"]
    placed.settle(days=30)

    assert _at(placed) == "closed"
    assert placed.incidents() == []


def test_a_part_payment_waits_for_the_rest(placed: Scene) -> None:
    placed.pay("100.00", "tx_1")
    placed.settle()
    assert (_at(placed), placed.bills()) == ("payment pending", [])

    placed.pay("68.80", "tx_2")
    placed.settle()

    assert (_at(placed), placed.bills()) == ("invoiced", [(16880, 16880)])


def test_who_does_not_pay_is_reminded_once_and_cancelled_after_two_weeks(placed: Scene) -> None:
    placed.settle(days=3)
    assert placed.mails() == ["order_confirmation", "payment_reminder"]
    placed.settle(days=10, hours=23)
    assert _at(placed) == "payment pending"

    placed.settle(hours=1)

    assert (_at(placed), placed.bills()) == ("cancelled", [])
    assert placed.mails() == ["order_confirmation", "payment_reminder"]


def test_money_that_comes_too_late_goes_back_by_hand_when_no_provider_can_do_it(placed: Scene) -> None:
    placed.settle(days=14)

    placed.pay(TOTAL)
    assert _at(placed) == "refunding"
    placed.settle()
    assert _at(placed) == "refund failed"
    placed.trigger("refund by hand", payload={"reference": "bank 77"})

    assert (_at(placed), placed.bills()) == ("cancelled", [])
    assert [(payment.kind, payment.amount_minor) for payment in placed.order().payments] == [("payment", 16880), ("refund", 16880)]


def test_who_paid_a_part_gets_it_back_when_time_runs_out(placed: Scene) -> None:
    placed.pay("100.00")

    placed.settle(days=14)

    assert _at(placed) == "refund failed"
    assert placed.job("refund_payment").arguments["amount_minor"] == 10000


def test_an_unpaid_order_is_cancelled_at_once_and_wants_a_reason(placed: Scene) -> None:
    with pytest.raises(InvalidInput, match="wants a reason"):
        placed.trigger("cancel")

    placed.trigger("cancel", **WHY)

    assert (_at(placed), placed.mails()) == ("cancelled", ["order_confirmation", "cancelled"])


def test_a_paid_order_is_cancelled_only_through_a_refund(placed: Scene) -> None:
    placed.pay(TOTAL)

    placed.trigger("cancel", **WHY)

    assert _at(placed) == "refunding"
    assert placed.job("refund_payment").arguments["amount_minor"] == 16880
    placed.settle()
    assert placed.bills() == []


def test_cancelling_an_item_gives_back_what_it_cost_and_bills_the_rest(placed: Scene) -> None:
    placed.pay(TOTAL)
    placed.trigger("cancel", "2", **WHY)

    placed.settle()

    assert placed.states() == ["invoiced", "refund failed"]
    assert placed.bills() == [(7980, 7980)]
    assert placed.job("refund_payment").arguments["amount_minor"] == 8900


def test_a_failed_refund_can_be_tried_again_by_a_person(placed: Scene) -> None:
    placed.pay(TOTAL)
    placed.trigger("cancel", **WHY)
    placed.settle()

    placed.trigger("retry refund")

    assert _at(placed) == "refunding"


def test_a_payment_reported_twice_bills_once_and_is_no_mistake(placed: Scene) -> None:
    placed.pay(TOTAL, "tx_1")
    placed.settle()

    answer = placed.pay(TOTAL, "tx_1")
    placed.settle()

    assert [result.why for result in answer.results] == ["already applied"] * 2
    assert len(placed.bills()) == 1


def test_an_invoiced_order_is_cancelled_with_a_credit_note_and_a_refund(placed: Scene) -> None:  # rule 2
    placed.pay(TOTAL)
    placed.settle()

    placed.trigger("cancel", **WHY)
    placed.settle()

    assert _at(placed) == "refund failed"  # no provider is connected
    assert [(paper.kind, paper.payable_minor) for paper, _ in placed.order().invoices] == [("invoice", 16880), ("credit_note", 16880)]
    assert placed.job("refund_payment").arguments["amount_minor"] == 16880
    assert placed.mails()[-2:] == ["cancelled", "credit_note"]


def test_one_item_of_an_invoiced_order_is_cancelled_and_the_rest_is_shipped(placed: Scene) -> None:
    placed.pay(TOTAL)
    placed.settle()

    placed.trigger("cancel", ("1", 1), **WHY)
    placed.trigger("ship", "1", "2")
    placed.settle()
    placed.trigger("refund by hand", payload={"reference": "bank 81"})

    assert [(paper.kind, paper.payable_minor) for paper, _ in placed.order().invoices] == [("invoice", 16880), ("credit_note", 3990)]
    assert placed.states() == ["shipped", "cancelled", "shipped"]

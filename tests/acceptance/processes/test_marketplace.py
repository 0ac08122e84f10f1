"""A seller on a marketplace: a person makes the invoice when nothing is expected to come back."""

from __future__ import annotations

import pytest

from tests.unit.engine.scene import Scene

TOTAL = "168.80"
WHY = {"reason": "The customer asked for it."}


def _at(scene: Scene) -> str:
    (state,) = set(scene.states())
    return state


@pytest.fixture
def delivered(shipped: Scene) -> Scene:
    shipped.place(payment={"method": "marketplace"})
    shipped.pay(TOTAL)
    shipped.trigger("ship")
    shipped.settle()
    return shipped


def test_the_invoice_waits_for_the_button_and_bills_once(delivered: Scene) -> None:
    assert (_at(delivered), delivered.bills()) == ("shipped", [])

    delivered.trigger("generate invoice", actor="petra")
    delivered.settle(days=14)

    assert (_at(delivered), delivered.bills()) == ("closed", [(16880, 16880)])
    assert delivered.mails() == ["order_confirmation", "shipped", "invoice"]


def test_each_parcel_has_a_delivery_note(shipped: Scene) -> None:
    shipped.place(payment={"method": "marketplace"})
    shipped.pay(TOTAL)

    shipped.trigger("ship", "1")
    shipped.trigger("ship", "2")

    assert [paper.template for paper, _ in shipped.order().papers] == ["delivery_note"] * 2


def test_a_part_of_a_line_comes_back_and_only_the_rest_is_billed(delivered: Scene) -> None:
    delivered.trigger("announce return", ("1", 1), reason="One too many.")
    delivered.trigger("receive return", "1.1")
    delivered.settle()
    assert delivered.states() == ["shipped", "refund failed", "shipped"]
    assert delivered.job("refund_payment").arguments["amount_minor"] == 3990

    delivered.trigger("generate invoice")
    delivered.trigger("refund by hand", payload={"reference": "bank 79"})

    assert delivered.bills() == [(12890, 12890)]
    assert delivered.states() == ["invoiced", "refunded", "invoiced"]
    assert sum(payment.amount_minor * (1 if payment.kind == "payment" else -1) for payment in delivered.order().payments) == 12890


def test_a_return_that_never_arrives_is_a_sale(delivered: Scene) -> None:
    delivered.trigger("announce return", "1", reason="Wrong color.")

    delivered.settle(days=30)

    assert _at(delivered) == "shipped"


def test_part_payments_reminders_and_the_end_of_patience(shipped: Scene) -> None:
    shipped.place(payment={"method": "marketplace"})
    shipped.pay("100.00", "tx_1")
    assert _at(shipped) == "payment pending"

    shipped.settle(days=2)
    assert shipped.mails() == ["order_confirmation", "payment_reminder"]
    shipped.settle(days=5)

    assert _at(shipped) == "refund failed"
    assert shipped.job("refund_payment").arguments["amount_minor"] == 10000


def test_money_that_comes_too_late_goes_back(shipped: Scene) -> None:
    shipped.place(payment={"method": "marketplace"})
    shipped.settle(days=7)
    assert _at(shipped) == "cancelled"

    shipped.pay(TOTAL)

    assert _at(shipped) == "refunding"


def test_a_paid_order_is_cancelled_only_through_a_refund(shipped: Scene) -> None:
    shipped.place(payment={"method": "marketplace"})
    shipped.pay(TOTAL)

    shipped.trigger("cancel", **WHY)
    shipped.settle()

    assert _at(shipped) == "refund failed"
    assert shipped.bills() == []


def test_what_comes_back_after_the_invoice_is_credited_and_paid_back(delivered: Scene) -> None:
    delivered.trigger("generate invoice")
    delivered.trigger("announce return", "2", reason="Too loud.")
    delivered.trigger("receive return", "2")
    delivered.settle()

    assert [(paper.kind, paper.payable_minor) for paper, _ in delivered.order().invoices] == [("invoice", 16880), ("credit_note", 8900)]
    assert delivered.job("refund_payment").arguments["amount_minor"] == 8900
    assert delivered.mails()[-2:] == ["invoice", "credit_note"]


def test_billed_goods_that_the_customer_keeps_are_billed_still(delivered: Scene) -> None:
    delivered.trigger("generate invoice")
    delivered.trigger("announce return", "2", reason="Too loud.")
    delivered.trigger("keep goods", "2")

    assert (_at(delivered), delivered.bills()) == ("invoiced", [(16880, 16880)])

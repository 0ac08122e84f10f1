"""On account: the invoice goes out with the order, the customer pays after delivery."""

from __future__ import annotations

import pytest

from oms.engine.sweep import sweep
from tests.unit.engine.scene import Scene

TOTAL = "168.80"
WHY = {"reason": "The customer asked for it."}


def _at(scene: Scene) -> str:
    (state,) = set(scene.states())
    return state


@pytest.fixture
def placed(shipped: Scene) -> Scene:
    shipped.place(payment={"method": "invoice"})
    shipped.settle()
    return shipped


def test_the_invoice_goes_out_on_placing(placed: Scene) -> None:
    assert (_at(placed), placed.bills()) == ("invoiced", [(16880, 0)])
    assert placed.mails() == ["order_confirmation", "invoice"]


def test_the_customer_pays_after_delivery_also_in_parts(placed: Scene) -> None:
    placed.trigger("ship")
    placed.pay("100.00", "tx_1")
    assert _at(placed) == "shipped"

    placed.pay("68.80", "tx_2")

    assert (_at(placed), placed.bills()) == ("paid", [(16880, 0)])


def test_who_paid_before_delivery_is_done_when_the_parcel_leaves(placed: Scene) -> None:
    placed.pay(TOTAL)
    assert _at(placed) == "invoiced"

    placed.trigger("ship")
    placed.settle()

    assert _at(placed) == "paid"


def test_reminders_follow_the_due_date_of_the_invoice_and_never_postpone_one_another(placed: Scene) -> None:
    placed.trigger("ship")

    placed.settle(days=14)
    assert placed.mails().count("payment_reminder") == 0
    placed.settle(days=1)
    assert placed.mails().count("payment_reminder") == 1
    placed.settle(days=13)
    assert placed.mails().count("payment_reminder") == 2
    placed.settle(days=14)
    assert _at(placed) == "overdue"
    placed.pay(TOTAL)
    assert _at(placed) == "paid"


def test_what_is_overdue_for_long_needs_a_person_who_may_write_it_off(placed: Scene) -> None:
    placed.trigger("ship")
    placed.settle(days=42)
    placed.clock.move(days=15)
    sweep(placed.shop.engine)
    assert {incident.kind for incident in placed.incidents()} == {"late"}

    placed.trigger("write off", reason="Bankrupt.")
    placed.pay(TOTAL)

    assert _at(placed) == "paid"  # money that nobody hoped for any more
    assert placed.incidents() == []


def test_an_order_to_be_reviewed_is_billed_only_after_a_person_approved_it(shipped: Scene) -> None:
    shipped.place(payment={"method": "invoice"}, data={"review": True})
    assert (_at(shipped), shipped.bills()) == ("under review", [])

    shipped.trigger("approve")

    assert (_at(shipped), shipped.bills()) == ("invoiced", [(16880, 0)])


def test_an_unpaid_order_under_review_is_cancelled_at_once_a_paid_one_only_through_a_refund(shipped: Scene) -> None:
    for reference in ("A-1", "A-2"):
        shipped.place(reference, payment={"method": "invoice"}, data={"review": True})
    shipped.pay("50.00", "tx_2", reference="A-2")

    for reference in ("A-1", "A-2"):
        shipped.trigger("cancel", reference=reference, **WHY)

    assert (shipped.states("A-1")[0], shipped.states("A-2")[0]) == ("cancelled", "refunding")
    assert shipped.job("refund_payment", "A-2").arguments["amount_minor"] == 5000


def test_money_that_comes_after_the_cancellation_goes_back(shipped: Scene) -> None:
    shipped.place(payment={"method": "invoice"}, data={"review": True})
    shipped.trigger("cancel", **WHY)

    shipped.pay(TOTAL)
    shipped.settle()
    assert _at(shipped) == "refund failed"
    shipped.trigger("refund by hand", payload={"reference": "bank 78"})

    assert _at(shipped) == "refunded"
    assert sum(payment.amount_minor * (1 if payment.kind == "payment" else -1) for payment in shipped.order().payments) == 0

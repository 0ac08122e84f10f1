"""On account: the invoice goes out with the order, the customer pays after delivery."""

from __future__ import annotations

import json

import pytest

from oms.engine.care import retry_order
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


def test_an_order_whose_items_part_at_once_is_confirmed_once_and_whole(shipped: Scene) -> None:
    reviewed, plain = ({"sku": name, "name": name, "quantity": 1, "unit_price": "9.00", "tax_rate": "19"} for name in ("REVIEWED", "PLAIN"))
    shipped.place(payment={"method": "invoice"}, items=[reviewed | {"data": {"review": True}}, plain])

    assert shipped.states() == ["under review", "invoiced"]
    confirmations = [json.loads(message.context) for message, _ in shipped.order().mails if message.template == "order_confirmation"]
    assert [[item["name"] for item in each["items"]] for each in confirmations] == [["REVIEWED", "PLAIN"]]


def test_an_order_that_can_not_be_billed_at_first_is_confirmed_once(shipped: Scene) -> None:
    seller = shipped.folder / "config" / "seller.toml"
    right = seller.read_text(encoding="utf-8")
    seller.write_text(right.replace("small_business = false", "small_business = true"), encoding="utf-8")
    shipped.reopen()
    shipped.place(payment={"method": "invoice"})
    shipped.settle()
    assert (_at(shipped), shipped.bills()) == ("new", [])
    seller.write_text(right, encoding="utf-8")
    shipped.reopen()

    retry_order(shipped.shop.engine, "A-1", actor="petra")
    shipped.settle()

    assert (_at(shipped), shipped.mails()) == ("invoiced", ["order_confirmation", "invoice"])


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


def test_what_comes_back_before_it_is_paid_is_credited_and_only_the_rest_is_asked_for(placed: Scene) -> None:
    placed.trigger("ship")
    placed.trigger("announce return", "2", reason="Too loud.")
    placed.trigger("receive return", "2")
    placed.settle()

    placed.pay("79.80")

    assert [(paper.kind, paper.payable_minor) for paper, _ in placed.order().invoices] == [("invoice", 16880), ("credit_note", 8900)]
    assert placed.states() == ["paid", "refunded"]
    assert [payment.kind for payment in placed.order().payments] == ["payment"]


def test_an_unpaid_order_is_cancelled_with_a_credit_note_and_without_a_refund(placed: Scene) -> None:
    placed.trigger("cancel", **WHY)
    placed.settle()

    assert _at(placed) == "cancelled"
    assert [(paper.kind, paper.payable_minor) for paper, _ in placed.order().invoices] == [("invoice", 16880), ("credit_note", 16880)]
    assert placed.mails()[-2:] == ["cancelled", "credit_note"]

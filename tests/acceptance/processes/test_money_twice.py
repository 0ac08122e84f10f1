"""A customer who pays twice: the money is booked wherever the order stands, and somebody is told."""

from __future__ import annotations

import pytest

from oms.engine.refunding import record_refund
from tests.unit.engine.scene import REFERENCE, Scene

TOTAL = "168.80"


def _walk(scene: Scene, method: str, *steps: str) -> None:
    """Place an order and let this happen: `pay`, `wait`, or an event of the process."""
    scene.place(payment={"method": method})
    for step in steps:
        if step == "pay":
            scene.pay(TOTAL, "tx_1")
        elif step == "wait":
            scene.settle()
        else:
            scene.trigger(step, reason="So it goes.")


@pytest.mark.parametrize(
    ("method", "steps", "state"),
    [
        ("prepayment", ["pay"], "paid"),
        ("prepayment", ["pay", "wait"], "invoiced"),
        ("prepayment", ["pay", "wait", "ship"], "shipped"),
        ("prepayment", ["pay", "wait", "ship", "close"], "closed"),
        ("marketplace", ["pay"], "paid"),
        ("marketplace", ["pay", "ship"], "shipped"),
        ("marketplace", ["pay", "ship", "announce return"], "return announced"),
        ("marketplace", ["pay", "ship", "generate invoice"], "invoiced"),
        ("marketplace", ["pay", "ship", "generate invoice", "close"], "closed"),
        ("invoice", ["pay"], "invoiced"),
        ("invoice", ["ship", "pay"], "paid"),
    ],
)
def test_a_second_payment_is_booked_where_the_order_stands_and_goes_back_by_hand(shipped: Scene, method: str, steps: list[str], state: str) -> None:
    _walk(shipped, method, *steps)
    bills, mails = shipped.bills(), shipped.mails()

    answer = shipped.pay(TOTAL, "tx_2")

    assert {result.outcome for result in answer.results} == {"moved"}
    assert set(shipped.states()) == {state}
    assert [payment.amount_minor for payment in shipped.order().payments] == [16880, 16880]
    assert [incident.kind for incident in shipped.incidents()] == ["overpaid"]
    assert (shipped.bills(), shipped.mails()) == (bills, mails)  # nobody enters: nothing is billed or mailed again

    record_refund(shipped.shop.engine, REFERENCE, "bank 77", actor="petra")
    assert shipped.incidents() == []


def test_the_same_payment_reported_twice_is_none(shipped: Scene) -> None:
    _walk(shipped, "prepayment", "pay", "wait")

    answer = shipped.pay(TOTAL, "tx_1")

    assert {(result.outcome, result.why) for result in answer.results} == {("stayed", "already applied")}
    assert (len(shipped.order().payments), shipped.incidents()) == (1, [])

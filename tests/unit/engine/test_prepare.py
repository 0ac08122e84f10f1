"""What is noted before it is decided where to go: rule 3."""

from __future__ import annotations

import pytest

from oms.errors import CommandFailed, InvalidInput, NotPossible
from tests.unit.engine.scene import REFERENCE, Scene

TILL = """
initial: owing
states:
  owing: {}
  paid: {final: true}
events:
  pay: {prepare: record_payment}
  give up: {manual: true}
transitions:
  - {from: owing, event: pay, if: payment_is_settled, to: paid, command: {do: {what: thank}}}
  - {from: owing, event: give up, to: paid}
"""


def test_a_payment_is_kept_although_the_command_of_the_way_on_fails(scene: Scene) -> None:  # rule 3
    scene.open(TILL)
    scene.place()
    scene.world.broken["thank"] = RuntimeError("speechless")

    with pytest.raises(CommandFailed, match="speechless"):
        scene.pay("168.80")

    assert [payment.amount_minor for payment in scene.order().payments] == [16880]
    assert scene.states() == ["owing", "owing"]
    assert scene.failures() == [("pay", "owing", "paid", ["1", "2"])]


def test_prepare_runs_once_for_all_items_and_conditions_read_what_it_noted(scene: Scene) -> None:  # rule 3
    scene.open(TILL)
    scene.place()

    scene.pay("168.80")

    assert len(scene.order().payments) == 1
    assert scene.states() == ["paid", "paid"]


def test_a_payment_is_kept_also_when_no_way_opens(scene: Scene) -> None:  # rule 3, semantics 2
    scene.open(TILL)
    scene.place()

    answer = scene.pay("100.00")

    assert [result.outcome for result in answer.results] == ["stayed", "stayed"]
    assert [payment.amount_minor for payment in scene.order().payments] == [10000]


def test_a_payment_reported_twice_is_already_applied_and_moves_nothing(scene: Scene) -> None:  # rule 3
    scene.open(TILL)
    scene.place()
    scene.pay("100.00", "tx_1")

    answer = scene.pay("100.00", "tx_1")

    assert [(result.outcome, result.why) for result in answer.results] == [("stayed", "already applied")] * 2
    assert len(scene.order().payments) == 1


def test_a_payment_reported_again_after_the_order_went_on_is_still_already_applied(scene: Scene) -> None:  # rule 3
    scene.open(TILL)
    scene.place()
    scene.pay("168.80", "tx_1")

    answer = scene.pay("168.80", "tx_1")

    assert [(result.outcome, result.state, result.why) for result in answer.results] == [("stayed", "paid", "already applied")] * 2
    with pytest.raises(NotPossible):
        scene.pay("168.80", "tx_2")
    assert len(scene.order().payments) == 1


def test_nothing_happens_if_prepare_raises(scene: Scene) -> None:  # rule 3
    scene.open(TILL)
    scene.place()

    with pytest.raises(InvalidInput, match="reference"):
        scene.shop.trigger(REFERENCE, "pay", payload={"amount": "168.80"})

    assert len(scene.order().triggers) == 1
    assert scene.order().payments == ()

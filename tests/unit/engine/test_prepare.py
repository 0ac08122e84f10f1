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


NOTED = """
initial: new
states:
  new: {}
  calling: {run: {call: {whom: A}}, then: answer}
  done: {final: true}
events:
  poll: {every: 10m, prepare: {do: {what: notice}}}
  start: {manual: true}
  answer: {prepare: {do: {what: listen}}}
  go on: {auto: true, prepare: {do: {what: think}}}
  leave: {manual: true}
transitions:
  - {from: new, event: poll, if: {is_open: {door: gate}}, to: done}
  - {from: new, event: start, to: calling}
  - {from: calling, event: answer, to: done}
  - {from: new, event: leave, to: done}
"""


def test_what_a_timer_prepares_is_noted_each_time_also_when_no_way_opens(scene: Scene) -> None:  # rule 3, semantics 2
    scene.open(NOTED)
    scene.place()

    for _ in range(3):
        scene.wait(minutes=10)

    assert scene.notes() == ["notice"] * 3
    assert scene.states() == ["new", "new"]
    assert len(scene.history()) == 1


def test_a_prepare_of_a_timer_that_raises_is_noted_and_tried_again(scene: Scene) -> None:  # rules 3 and 15
    scene.open(NOTED)
    scene.place()
    scene.world.break_for("notice", RuntimeError("blind"), times=1)
    scene.world.doors.add("gate")

    scene.wait(minutes=10)
    assert scene.notes() == []
    assert scene.failures() == [("poll", "new", "new", ["1", "2"])]
    assert {timer.error for timer in scene.timers()} == {"RuntimeError: blind"}
    scene.wait(seconds=12)

    assert scene.states() == ["done", "done"]


def test_a_prepare_of_the_event_behind_a_job_that_raises_is_repeated_never_the_effect(scene: Scene) -> None:  # rule 3; Jobs: finish
    scene.open(NOTED)
    scene.place()
    scene.trigger("start")
    scene.world.break_for("listen", RuntimeError("deaf"), times=2)

    scene.drain()
    assert scene.states() == ["calling", "calling"]
    scene.wait(minutes=1)
    scene.wait(minutes=1)

    assert scene.states() == ["done", "done"]
    assert len(scene.world.calls) == 1


def test_what_an_auto_event_prepares_is_noted_once_for_all_items_and_kept_when_its_hop_fails(scene: Scene) -> None:  # rule 3
    arrows = "transitions:\n  - {from: ready, event: go on, to: new, command: {do: {what: fail}}}"
    scene.open(NOTED.replace("initial: new\nstates:", "initial: ready\nstates:\n  ready: {}").replace("transitions:", arrows))
    scene.world.broken["fail"] = RuntimeError("no")

    scene.place()

    assert scene.notes() == ["think"]
    assert scene.states() == ["ready", "ready"]
    assert scene.failures() == [("go on", "ready", "new", ["1", "2"])]

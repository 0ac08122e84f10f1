"""What is held waits for a person: rule 30."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from oms.engine.care import hold, hold_order, release, release_order
from oms.errors import InvalidInput, NotFound
from oms.outbox import JobStatus
from tests.unit.engine.scene import REFERENCE, Scene

PROCESS = """
initial: new
states:
  new: {}
  chosen: {}
  calling: {run: {call: {whom: A}}, then: answer}
  answered: {}
  through: {}
  done: {final: true}
events:
  expire: {after: 1h}
  choose: {manual: true}
  go on: {auto: true}
  start: {manual: true}
  answer: {}
  pay: {prepare: record_payment}
  leave: {manual: true}
transitions:
  - {from: new, event: expire, to: done}
  - {from: new, event: choose, to: chosen}
  - {from: chosen, event: go on, to: answered}
  - {from: new, event: start, to: calling}
  - {from: calling, event: answer, to: answered}
  - {from: answered, if: {is_open: {door: gate}}, to: through}
  - {from: new, event: pay, to: new}
  - {from: [answered, through], event: leave, to: done}
"""


def _hold_order(scene: Scene) -> None:
    hold_order(scene.shop.engine, REFERENCE, reason="Is it fraud?", actor="petra")


def _hold_process(scene: Scene) -> None:
    hold(scene.shop.engine, "process:prepayment", reason="A bug.", actor="petra")


def _release(scene: Scene) -> None:
    if not release_order(scene.shop.engine, REFERENCE, reason="It is not.", actor="petra"):
        assert release(scene.shop.engine, "process:prepayment")


EITHER = pytest.mark.parametrize("held", [_hold_order, _hold_process], ids=["order", "process"])
Held = Callable[[Scene], None]


@EITHER
def test_timers_wait_and_fire_after_the_release(scene: Scene, held: Held) -> None:
    scene.open(PROCESS)
    scene.place()
    held(scene)
    scene.wait(hours=2)
    assert scene.states() == ["new", "new"]

    _release(scene)
    scene.drain()

    assert scene.states() == ["done", "done"]


@EITHER
def test_looks_wait_and_are_made_after_the_release(scene: Scene, held: Held) -> None:
    scene.open(PROCESS)
    scene.place()
    scene.trigger("choose")
    held(scene)
    scene.world.doors.add("gate")
    scene.wait(hours=2)
    assert scene.states() == ["answered", "answered"]

    _release(scene)
    scene.drain()

    assert scene.states() == ["through", "through"]


@EITHER
def test_jobs_wait_and_are_done_after_the_release(scene: Scene, held: Held) -> None:
    scene.open(PROCESS)
    scene.place()
    scene.trigger("start")
    held(scene)
    scene.wait(hours=2)
    assert scene.job().status is JobStatus.TODO

    _release(scene)
    scene.drain()

    assert scene.states() == ["answered", "answered"]


@EITHER
def test_auto_events_wait_and_follow_after_the_release(scene: Scene, held: Held) -> None:
    scene.open(PROCESS)
    scene.place()
    held(scene)

    scene.trigger("choose")
    scene.wait(hours=2)
    assert scene.states() == ["chosen", "chosen"]
    _release(scene)
    scene.drain()

    assert scene.states() == ["answered", "answered"]


@EITHER
def test_people_and_payments_go_on(scene: Scene, held: Held) -> None:
    scene.open(PROCESS)
    scene.place()
    held(scene)

    scene.pay("20.00")
    scene.trigger("choose")

    assert len(scene.order().payments) == 1
    assert scene.states() == ["chosen", "chosen"]


def test_other_orders_go_on_while_one_is_held(scene: Scene) -> None:
    scene.open(PROCESS)
    scene.place()
    scene.place("A-2")
    _hold_order(scene)

    scene.wait(hours=2)

    assert (scene.states(), scene.states("A-2")) == (["new", "new"], ["done", "done"])


def test_an_order_placed_while_its_process_is_held_stands_where_it_begins(scene: Scene) -> None:
    arrows = "transitions:\n  - {from: answered, event: choose, to: new}"
    scene.open(PROCESS.replace("initial: new", "initial: chosen").replace("transitions:", arrows))
    _hold_process(scene)
    scene.place()
    assert scene.states() == ["chosen", "chosen"]

    _release(scene)
    scene.drain()

    assert scene.states() == ["answered", "answered"]


def test_a_job_that_has_begun_goes_on(scene: Scene) -> None:
    scene.open(PROCESS)
    scene.place()
    scene.trigger("start")
    with scene.shop.store.writing() as work:
        job = work.jobs.claim(scene.job().id, worker="w", now=scene.clock.now, lease_until=scene.clock.now)
    _hold_order(scene)
    assert job is not None

    with scene.shop.store.writing() as work:
        assert work.jobs.settle(job, status=JobStatus.DONE, result="{}")


def test_mails_wait_while_the_mail_lane_is_held_and_nothing_else_does(scene: Scene) -> None:
    scene.open(PROCESS.replace("choose: {manual: true}", "choose: {manual: true, command: {mail: {template: shipped}}}"))
    scene.place()
    hold(scene.shop.engine, "mail", reason="Restored from a backup.", actor="petra")
    scene.trigger("choose", "1")
    scene.trigger("start", "2")
    scene.drain()
    assert scene.job("deliver_mail").status is JobStatus.TODO
    assert scene.states() == ["answered", "answered"]

    assert release(scene.shop.engine, "mail")
    with scene.shop.store.reading() as work:
        assert scene.job("deliver_mail").id in work.jobs.due(scene.clock.now, limit=10)


def test_a_hold_and_its_release_have_a_reason_and_stand_in_the_notes(scene: Scene) -> None:
    scene.open(PROCESS)
    scene.place()
    with pytest.raises(InvalidInput, match="reason"):
        hold_order(scene.shop.engine, REFERENCE, reason=" ", actor="petra")

    _hold_order(scene)
    assert scene.order().head.held == "Is it fraud?"
    with pytest.raises(InvalidInput, match="reason"):
        release_order(scene.shop.engine, REFERENCE, reason="", actor="petra")
    _release(scene)

    assert scene.order().head.held is None
    assert scene.notes() == ["held: Is it fraud?", "released: It is not."]


def test_releasing_what_is_not_held_says_so(scene: Scene) -> None:
    scene.open(PROCESS)
    scene.place()

    assert release_order(scene.shop.engine, REFERENCE, reason="?", actor="petra") is False
    assert release(scene.shop.engine, "mail") is False


def test_only_orders_processes_and_the_mail_lane_can_be_held(scene: Scene) -> None:
    scene.open(PROCESS)

    with pytest.raises(NotFound, match="can be held, not"):
        hold(scene.shop.engine, "everything", reason="Panic.", actor="petra")

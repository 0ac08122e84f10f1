"""Mending who is billed and where it goes: rule 38."""

from __future__ import annotations

import json

import pytest

from oms.engine.care import correct
from oms.errors import Conflict, InvalidInput, InvalidOrder, Permanent
from tests.unit.engine.scene import REFERENCE, Scene

DESK = """
initial: open
states: {open: {}, invoiced: {on_enter: issue_invoice}, done: {final: true}}
events:
  bill: {manual: true}
  close: {manual: true}
  expire: {after: 1h, command: {do: {what: check}}}
transitions:
  - {from: open, event: bill, to: invoiced}
  - {from: open, if: {is_open: {door: gate}}, to: done, command: {do: {what: check}}}
  - {from: open, event: expire, if: {is_open: {door: window}}, to: done}
  - {from: invoiced, event: close, to: done}
"""
MARRIED = {"customer": {"name": "Jana Kolar", "email": "kolar@example.com"}, "billing_address": {"name": "Jana Kolar"}}


def test_what_is_corrected_stands_on_future_documents_and_issued_ones_keep_what_they_print(scene: Scene) -> None:  # rule 38
    scene.open(DESK)
    scene.place()
    scene.trigger("bill", "1")

    correct(scene.shop.engine, REFERENCE, MARRIED, actor="petra", reason="She married.")
    scene.trigger("bill", "2")

    buyers = [json.loads(snapshot)["buyer"]["name"] for (snapshot,) in scene.rows("SELECT snapshot FROM invoice ORDER BY id")]
    assert buyers == ["Jana Novak", "Jana Kolar"]
    assert (scene.order().customer_name, scene.order().customer_email) == ("Jana Kolar", "kolar@example.com")


def test_who_corrected_it_and_why_is_kept(scene: Scene) -> None:  # rule 38, semantics 9
    scene.open(DESK)
    scene.place()

    correct(scene.shop.engine, REFERENCE, MARRIED, actor="petra", reason="She married.")

    row = scene.order().triggers[-1]
    assert (row.event, row.actor, row.reason) == ("__correct__", "petra", "She married.")
    assert scene.notes() == ["corrected: customer, billing_address (She married.)"]


def test_what_failed_is_tried_again_at_once(scene: Scene) -> None:  # rule 38
    scene.open(DESK)
    scene.place()
    scene.world.doors.add("gate")
    scene.world.broken["check"] = Permanent("The street is missing.")
    scene.drain()
    assert len(scene.incidents()) == 2
    scene.world.broken.clear()

    correct(scene.shop.engine, REFERENCE, {"billing_address": {"street": "Marktplatz 3"}}, actor="petra", reason="It was missing.")
    assert scene.incidents() == []
    assert not scene.order().head.attention
    scene.drain()

    assert scene.states() == ["done", "done"]


def test_a_timer_that_failed_is_tried_again_at_once(scene: Scene) -> None:  # rule 38
    scene.open(DESK)
    scene.place()
    scene.world.doors.add("window")
    scene.world.broken["check"] = Permanent("The street is missing.")
    scene.wait(hours=1)
    assert scene.states() == ["open", "open"]
    scene.world.broken.clear()

    correct(scene.shop.engine, REFERENCE, {"billing_address": {"street": "Marktplatz 3"}}, actor="petra", reason="It was missing.")
    scene.drain()

    assert scene.states() == ["done", "done"]
    assert scene.incidents() == []


def test_what_was_ordered_can_not_be_corrected(scene: Scene) -> None:  # rule 38
    scene.open(DESK)
    scene.place()

    with pytest.raises(InvalidOrder, match="items"):
        correct(scene.shop.engine, REFERENCE, {"items": []}, actor="petra", reason="Too many.")


def test_a_correction_wants_a_reason(scene: Scene) -> None:  # rule 38
    scene.open(DESK)
    scene.place()

    with pytest.raises(InvalidInput, match="reason"):
        correct(scene.shop.engine, REFERENCE, MARRIED, actor="petra", reason="")


def test_a_repeated_key_corrects_once_and_another_correction_needs_another(scene: Scene) -> None:  # rule 11
    scene.open(DESK)
    scene.place()
    correct(scene.shop.engine, REFERENCE, MARRIED, actor="petra", reason="She married.", key="k1")

    assert correct(scene.shop.engine, REFERENCE, MARRIED, actor="petra", reason="She married.", key="k1").repeated
    assert len(scene.notes()) == 1
    with pytest.raises(Conflict):
        correct(scene.shop.engine, REFERENCE, {"customer": {"name": "X"}}, actor="petra", reason="She married.", key="k1")

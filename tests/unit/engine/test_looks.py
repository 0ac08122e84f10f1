"""Arrows without event, and `auto` events that found nothing open, are looked at: rule 17, semantics 4 and 5."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.engine.scene import Scene

GATE = """
initial: new
states: {new: {}, through: {}, done: {final: true}}
events: {wave: {manual: true}, leave: {manual: true}}
transitions:
  - {from: new, if: {is_open: {door: gate}}, to: through}
  - {from: new, event: wave, to: new}
  - {from: through, event: leave, to: done}
"""


def _only_item(scene: Scene) -> None:
    scene.place(items=[{"sku": "CUP", "name": "Cup", "quantity": 1, "unit_price": "10.00", "tax_rate": "19"}])


def test_the_worker_takes_an_arrow_without_event_as_soon_as_its_condition_holds(scene: Scene) -> None:  # keys: event
    scene.open(GATE.replace("if: {is_open: {door: gate}}, ", ""))
    _only_item(scene)
    assert scene.states() == ["new"]

    assert scene.look() == 1

    assert scene.states() == ["through"]
    assert scene.history()[-1] == (None, "new", "through", ["1"])


def test_a_look_that_finds_nothing_open_doubles_the_pause_from_a_minute_to_a_day_and_writes_nothing_else(scene: Scene) -> None:  # rule 17
    scene.open(GATE)
    _only_item(scene)
    triggers, history = scene.order().triggers, scene.order().history

    pauses = []
    for _ in range(14):
        assert scene.look() == 1
        item = scene.order().items[0]
        assert item.look_at is not None
        pauses.append((item.look_pause or 0) / 60)
        assert timedelta(minutes=pauses[-1]) <= item.look_at - scene.clock.now <= timedelta(minutes=pauses[-1]) * 1.1
        scene.clock.now = item.look_at

    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440]
    assert (scene.order().triggers, scene.order().history) == (triggers, history)
    assert scene.order().items[0].attempts == 0


def test_every_commit_of_the_order_looks_at_once(scene: Scene) -> None:  # rule 17, semantics 5
    scene.open(GATE)
    scene.place()
    scene.wait(days=30)
    scene.world.doors.add("gate")
    scene.clock.move(seconds=1)
    assert scene.look() == 0

    scene.trigger("wave", "1")

    assert scene.look() == 2
    assert scene.states() == ["through", "through"]


def _wave_and_open(scene: Scene) -> None:
    scene.world.doors.add("gate")
    scene.trigger("wave")


def test_a_commit_while_the_order_is_looked_at_makes_the_look_void(scene: Scene) -> None:  # rule 17
    scene.open(GATE)
    _only_item(scene)
    scene.wait(days=30)
    scene.world.meanwhile["gate"] = lambda: _wave_and_open(scene)
    scene.wait(days=2)

    assert scene.states() == ["through"]


def test_a_commit_while_a_look_is_tried_again_makes_it_void_too(scene: Scene) -> None:  # rules 15 and 17
    scene.open(GATE)
    _only_item(scene)
    scene.world.broken["gate"] = RuntimeError("rust")
    scene.drain()
    scene.world.broken.clear()
    scene.world.meanwhile["gate"] = lambda: _wave_and_open(scene)
    scene.wait(seconds=12)

    assert scene.states() == ["through"]


def test_commits_do_not_hurry_what_failed(scene: Scene) -> None:  # rule 15
    scene.open(GATE)
    _only_item(scene)
    scene.world.broken["gate"] = RuntimeError("rust")
    scene.drain()
    before = scene.order().items[0]

    scene.trigger("wave")
    scene.drain()

    item = scene.order().items[0]
    assert (item.look_at, item.attempts, item.error) == (before.look_at, 1, "RuntimeError: rust")


def test_another_orders_commit_does_not_concern_it(scene: Scene) -> None:  # rule 17
    scene.open(GATE)
    scene.place("A-1")
    scene.place("A-2")
    scene.drain()
    scene.clock.move(seconds=1)

    scene.trigger("wave", reference="A-2")

    assert scene.look() == 2


def test_a_look_does_not_lock_the_order_while_nothing_is_open(scene: Scene) -> None:  # rule 17
    scene.open(GATE)
    scene.place()
    before = scene.order().head.last_at
    scene.wait(hours=1)

    assert scene.order().head.last_at == before


WAITING = """
initial: new
states: {new: {}, ready: {}, done: {final: true}}
events:
  start: {manual: true}
  finish: {auto: true}
  leave: {manual: true}
  wave: {manual: true}
transitions:
  - {from: new, event: start, to: ready}
  - {from: new, if: {is_open: {door: side}}, to: ready}
  - {from: ready, event: finish, if: {is_open: {door: gate}}, to: done}
  - {from: ready, event: leave, to: done}
  - {from: ready, event: wave, to: ready}
"""


@pytest.mark.parametrize("entered_by", ["a trigger", "a look", "placing"])
def test_an_auto_event_that_finds_nothing_open_waits_like_an_arrow_without_event(scene: Scene, entered_by: str) -> None:  # semantics 4
    scene.open(WAITING.replace("{from: new, event: start,", "{from: new, event: finish,") if entered_by == "placing" else WAITING)
    _only_item(scene)
    if entered_by == "a trigger":
        scene.trigger("start")
    if entered_by == "a look":
        scene.world.doors.add("side")
        scene.look()
    assert scene.states() == ["ready"]
    scene.world.doors.add("gate")

    scene.wait(minutes=1.1)

    assert scene.states() == ["done"]
    assert scene.history()[-1] == ("finish", "ready", "done", ["1"])


def test_a_waiting_auto_event_is_looked_at_with_growing_pauses_and_at_each_commit(scene: Scene) -> None:  # semantics 4
    scene.open(WAITING)
    _only_item(scene)
    scene.trigger("start")
    scene.wait(minutes=2)
    scene.wait(minutes=3)
    assert scene.order().items[0].look_pause == 120  # the listener that was told meanwhile made it begin anew
    scene.world.doors.add("gate")

    scene.trigger("wave")
    scene.look()

    assert scene.states() == ["done"]


def test_a_condition_that_raises_during_a_look_is_tried_again_with_growing_pauses(scene: Scene) -> None:  # rule 15
    scene.open(GATE)
    _only_item(scene)
    scene.world.broken["gate"] = RuntimeError("rust")

    scene.drain()

    item = scene.order().items[0]
    assert (item.attempts, item.error) == (1, "RuntimeError: rust")
    assert scene.failures() == [(None, "new", "new", ["1"])]
    scene.world.broken.clear()
    scene.world.doors.add("gate")
    scene.wait(seconds=12)
    assert scene.states() == ["through"]


def test_what_failed_and_then_finds_nothing_open_waits_as_if_it_had_never_failed(scene: Scene) -> None:  # rule 15: success resets
    scene.open(GATE)
    _only_item(scene)
    scene.world.broken["gate"] = RuntimeError("rust")
    scene.drain()
    scene.world.broken.clear()

    scene.wait(seconds=12)

    item = scene.order().items[0]
    assert (item.attempts, item.error, item.look_pause) == (0, None, 60)
    scene.world.doors.add("gate")
    scene.trigger("wave")
    scene.look()
    assert scene.states() == ["through"]


def test_looks_are_made_in_batches_and_none_is_forgotten(scene: Scene) -> None:  # rule 17
    scene.open(GATE)
    for number in range(201):
        scene.place(f"A-{number}", items=[{"sku": "CUP", "name": "Cup", "quantity": 1, "unit_price": "10.00", "tax_rate": "19"}])

    assert [scene.look(), scene.look(), scene.look()] == [200, 1, 0]


def test_items_of_one_order_that_may_go_on_move_in_one_hop(scene: Scene) -> None:  # rule 12
    scene.open(GATE)
    scene.place()
    scene.world.doors.add("gate")

    scene.look()

    assert scene.history()[-1] == (None, "new", "through", ["1", "2"])


def test_an_endless_chain_that_a_look_would_start_stops_nobody_and_needs_attention(scene: Scene) -> None:  # rule 12
    scene.open("""
        initial: new
        states: {new: {}, up: {}, down: {}, calm: {final: true}, end: {final: true}}
        events: {turn: {auto: true}, leave: {manual: true}}
        transitions:
          - {from: new, if: {data: {wild: true}}, to: up}
          - {from: new, to: calm}
          - {from: up, event: turn, if: {data: {wild: true}}, to: down}
          - {from: down, event: turn, if: {data: {wild: true}}, to: up}
          - {from: [up, down], event: leave, to: end}
        """)
    scene.place("A-1", data={"wild": True})
    scene.place("A-2")

    scene.wait(days=2)

    assert (scene.states("A-1"), scene.states("A-2")) == (["new", "new"], ["calm", "calm"])
    (incident,) = scene.incidents("A-1")
    assert incident.kind == "endless chain"
    assert "up → down → up → down" in incident.text
    assert [(item.attempts, item.look_at) for item in scene.order("A-1").items] == [(1, None)] * 2

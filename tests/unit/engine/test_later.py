"""A command may ask for an event of its own or another order: after the commit, never a trigger inside a trigger (engine.md)."""

from __future__ import annotations

import pytest

from oms.errors import CommandFailed
from oms.outbox import JobStatus
from tests.unit.engine.scene import Scene

DESK = """
initial: open
states: {open: {}, half: {}, done: {final: true}}
events:
  go: {manual: true, command: {do: {what: go}}}
  end: {manual: true, command: {do: {what: end}}}
transitions:
  - {from: open, event: go, to: half}
  - {from: open, event: end, to: done}
  - {from: half, event: end, to: done}
"""


def test_the_event_happens_after_the_commit_and_names_its_cause(scene: Scene) -> None:
    scene.open(DESK)
    scene.place("A-1")
    scene.place("A-2")
    scene.world.later["go"] = ("A-2", "end")

    scene.trigger("go", reference="A-1")
    assert scene.states("A-2") == ["open", "open"]
    scene.drain()

    assert scene.states("A-2") == ["done", "done"]
    row = scene.order("A-2").triggers[-1]
    assert (row.actor, row.cause) == ("engine", f"job:{scene.job('trigger_event', 'A-1').id}")


def test_it_may_be_an_event_of_the_same_order(scene: Scene) -> None:
    scene.open(DESK)
    scene.place()
    scene.world.later["go"] = ("A-1", "end")

    scene.trigger("go")
    scene.drain()

    assert scene.states() == ["done", "done"]


def test_a_hop_that_is_rolled_back_asked_for_nothing(scene: Scene) -> None:
    scene.open(DESK)
    scene.place("A-1")
    scene.place("A-2")
    scene.world.later["go"] = ("A-2", "end")
    scene.world.broken["go"] = RuntimeError("no")

    with pytest.raises(CommandFailed):
        scene.trigger("go", reference="A-1")
    scene.drain()

    assert scene.states("A-2") == ["open", "open"]


def test_an_event_that_is_not_possible_needs_attention_at_once(scene: Scene) -> None:
    scene.open(DESK)
    scene.place("A-1")
    scene.place("A-2")
    scene.trigger("end", reference="A-2")
    scene.world.later["go"] = ("A-2", "go")

    scene.trigger("go", reference="A-1")
    scene.drain()

    assert scene.job("trigger_event").status is JobStatus.DEAD
    (incident,) = scene.incidents("A-1")
    assert 'Can\'t go when in "done"' in incident.text

"""A dead job may be skipped by a person: rule 29."""

from __future__ import annotations

import pytest

from oms.engine.care import retry_order, skip
from oms.errors import CommandFailed, InvalidInput, NotPossible, Permanent, Temporary
from tests.unit.engine.scene import REFERENCE, Scene

CALLING = """
initial: calling
states:
  calling: {run: {call: {whom: A}}, then: answer}
  answered: {on_enter: {do: {what: cheer}}}
  done: {final: true}
events:
  answer: {}
  leave: {manual: true}
transitions:
  - {from: calling, event: answer, to: answered}
  - {from: calling, event: leave, to: done}
  - {from: answered, event: leave, to: done}
"""


@pytest.fixture
def dead(scene: Scene) -> Scene:
    scene.open(CALLING)
    scene.place()
    scene.world.broken["A"] = Permanent("No such number.")
    scene.drain()
    assert [incident.kind for incident in scene.incidents()] == ["job died"]
    return scene


def test_skipping_lets_then_happen_and_says_that_it_was_skipped_by_whom_and_why(dead: Scene) -> None:  # rule 29
    answer = skip(dead.shop.engine, REFERENCE, actor="petra", reason="They came in person.")

    assert answer.moved
    assert dead.states() == ["answered", "answered"]
    assert dead.history()[1:] == [("__skip__", "calling", "calling", ["1", "2"]), ("answer", "calling", "answered", ["1", "2"])]
    row = dead.order().triggers[-1]
    assert (row.event, row.actor, row.reason, row.payload) == ("__skip__", "petra", "They came in person.", '{"skipped": true}')


def test_what_needed_attention_needs_it_no_more_and_the_effect_is_not_repeated(dead: Scene) -> None:  # rules 29 and 31
    skip(dead.shop.engine, REFERENCE, actor="petra", reason="They came in person.")
    dead.world.broken.clear()
    dead.drain()

    assert dead.incidents() == []
    assert not dead.order().head.attention
    assert len(dead.world.calls) == 1


def test_skipping_wants_a_reason(dead: Scene) -> None:  # rule 29
    with pytest.raises(InvalidInput, match="reason"):
        skip(dead.shop.engine, REFERENCE, actor="petra", reason=" ")


def test_only_a_dead_job_can_be_skipped(scene: Scene) -> None:  # rule 29
    scene.open(CALLING)
    scene.place()
    scene.world.broken["A"] = Temporary("engaged")
    scene.drain()

    with pytest.raises(NotPossible, match=r'^Can\'t skip a job when in "calling"\. Possible: leave\.$'):
        skip(scene.shop.engine, REFERENCE, actor="petra", reason="I can't wait.")


def test_a_dead_job_of_a_stay_that_is_over_can_be_neither_skipped_nor_tried_again(dead: Scene) -> None:  # rules 27 and 29
    dead.trigger("leave")
    dead.world.broken.clear()

    with pytest.raises(NotPossible):
        skip(dead.shop.engine, REFERENCE, actor="petra", reason="Why not?")
    assert retry_order(dead.shop.engine, REFERENCE, actor="petra").jobs == 0
    dead.drain()
    assert len(dead.world.calls) == 1


def test_a_failing_command_cannot_be_skipped(dead: Scene) -> None:  # rule 29
    dead.world.broken["cheer"] = RuntimeError("hoarse")

    with pytest.raises(CommandFailed, match="hoarse"):
        skip(dead.shop.engine, REFERENCE, actor="petra", reason="They came in person.")

    assert dead.states() == ["calling", "calling"]
    dead.world.broken.clear()
    assert skip(dead.shop.engine, REFERENCE, actor="petra", reason="They came in person.").moved


def test_a_repeated_key_skips_once(dead: Scene) -> None:  # rule 11
    skip(dead.shop.engine, REFERENCE, actor="petra", reason="They came in person.", key="k1")

    assert skip(dead.shop.engine, REFERENCE, actor="petra", reason="They came in person.", key="k1").repeated
    assert len(dead.history()) == 3

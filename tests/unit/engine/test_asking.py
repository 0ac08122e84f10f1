"""What comes through Python is examined as what comes from a file or a terminal: one sentence, and nothing is changed."""

from __future__ import annotations

import math
from typing import Any

import pytest

from oms.engine.care import correct
from oms.errors import CommandFailed, InvalidInput
from tests.unit.engine.scene import REFERENCE, Scene

DOOR = """
initial: new
states: {new: {}, done: {final: true}}
events:
  go:
    manual: true
    fields: {code: {type: text}, day: {type: date}}
  vanish: {manual: true, command: roll_back}
  hide: {manual: true, prepare: roll_back}
transitions:
  - {from: new, event: go, to: done}
  - {from: new, event: vanish, to: done}
  - {from: new, event: hide, to: done}
"""
HALF = "\ud800"


@pytest.fixture
def door(scene: Scene) -> Scene:
    scene.open(DOOR)
    scene.place()
    return scene


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"event": None}, "event: there is none: say which"),
        ({"event": 1}, "event: must be text, not 1."),
        ({"event": HALF}, "event: holds half a character"),
        ({"actor": ""}, "actor: is empty."),
        ({"actor": HALF}, "actor: holds half a character"),
        ({"reason": HALF}, "reason: holds half a character"),
        ({"reason": "a\0b"}, "reason: holds the control character U+0000: remove it."),
        ({"reason": 1}, "reason: must be text, not 1."),
        ({"key": ""}, "key: is empty. Leave it out, or give each request one of its own."),
        ({"key": HALF}, "key: holds half a character"),
        ({"key": "x" * 256}, "key: is longer than 255 characters."),
        ({"key": "job:1:1"}, "key: begins with 'job:', as the engine's own keys do: choose another one."),
        ({"key": "timer:6:1"}, "key: begins with 'timer:'"),
        ({"key": "look:6:1"}, "key: begins with 'look:'"),
        ({"key": "__place__"}, "key: begins with '__'"),
        ({"payload": [1]}, 'payload: must be a mapping, as in {"amount": "12.50"}, not [1].'),
        ({"payload": {"x": HALF}}, "payload/x: holds half a character"),
        ({"payload": {HALF: 1}}, "payload: holds half a character"),
        ({"payload": {1: 1}}, "payload: has a key that is no text."),
        ({"payload": {"x": math.nan}}, "payload/x: nan is no number that JSON knows."),
        ({"payload": {"x": "x" * 65_536}}, "payload: has 65,545 bytes as JSON, at most 65,536 are kept."),
        ({"payload": {"code": "a\nb"}}, "payload/code: holds the control character U+000A: remove it."),
        ({"payload": {"code": "\0"}}, "payload/code: holds the control character U+0000: remove it."),
        ({"payload": {"day": "20260101"}}, "payload/day: is no date; write it as 2026-11-24."),
        ({"payload": {"day": "2026-W01-1"}}, "payload/day: is no date; write it as 2026-11-24."),
        ({"items": "1"}, 'items: must be a list, not "1": name them as ("2", None)'),
        ({"items": ["1"]}, "items/0: must be a label and a number of units"),
        ({"items": [("1", "2")]}, "items/0: must be a label and a number of units"),
        ({"items": [("1", None), ("1", True)]}, "items/1: must be a label and a number of units"),
        ({"items": [("1", 1.5)]}, "items/0: must be a label and a number of units"),
        ({"expect": 1}, "expect: must be text, not 1."),
    ],
)
def test_what_can_not_be_stored_or_is_of_another_kind_is_refused_with_a_sentence(door: Scene, wish: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        door.shop.trigger(REFERENCE, **{"event": "go", **wish})

    assert str(caught.value).startswith(says)
    assert len(door.order().triggers) == 1


def test_a_reason_may_have_several_lines_and_a_payload_may_hold_what_no_field_asks_for(door: Scene) -> None:
    assert door.trigger("go", reason="First.\nSecond.", payload={"more": {"deep": [1, 2.5, None, True]}}).moved


def test_a_correction_is_examined_as_an_event(door: Scene) -> None:
    with pytest.raises(InvalidInput, match=r"^key: begins with 'job:'"):
        correct(door.shop.engine, REFERENCE, {"customer": {"name": "Jana"}}, actor="petra", reason="typo", key="job:1")


@pytest.mark.parametrize("event", ["vanish", "hide"])
def test_a_command_that_ends_its_transaction_is_no_success(door: Scene, event: str) -> None:  # rule 14
    with pytest.raises(CommandFailed, match=r'The command "roll_back" ended the transaction that it runs in\.'):
        door.trigger(event)

    assert door.states() == ["new", "new"]
    assert door.trigger("go").moved

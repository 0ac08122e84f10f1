"""What a person fills in: the keys `fields` and `reason` of an event."""

from __future__ import annotations

import pytest

from oms.errors import InvalidInput
from tests.unit.engine.scene import Scene

FORM = """
initial: new
states:
  new: {}
  sent: {final: true}
events:
  ship:
    manual: true
    reason: required
    fields:
      tracking: {type: text, required: true}
      weight: {type: number}
      cost: {type: money}
      day: {type: date}
      by: {type: choice, choices: [post, bike]}
transitions:
  - {from: new, event: ship, to: sent}
"""
FILLED = {"tracking": "T1", "weight": "1.5", "cost": "4.90", "day": "2026-11-26", "by": "bike"}


def test_what_a_person_fills_in_is_kept_with_the_trigger(scene: Scene) -> None:  # keys: fields, reason
    scene.open(FORM)
    scene.place()

    assert scene.trigger("ship", payload=FILLED, reason="sold").moved
    assert scene.order().triggers[-1].payload == '{"tracking": "T1", "weight": "1.5", "cost": "4.90", "day": "2026-11-26", "by": "bike"}'


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"tracking": ""}, "payload/tracking: is missing: this event wants it."),
        ({"weight": "heavy"}, "payload/weight: is no number; write it as 12 or 12.5."),
        ({"cost": "4,90"}, "payload/cost: is no amount; write it as 12.50."),
        ({"day": "26.11.2026"}, "payload/day: is no date; write it as 2026-11-24."),
        ({"by": "car"}, "payload/by: must be one of: post, bike."),
        ({"weight": 1.5}, 'payload/weight: must be text, as in "weight": "…".'),
    ],
)
def test_a_wrong_field_is_refused_where_it_is(scene: Scene, wrong: dict[str, object], sentence: str) -> None:  # keys: fields
    scene.open(FORM)
    scene.place()

    with pytest.raises(InvalidInput) as refused:
        scene.trigger("ship", payload=FILLED | wrong, reason="sold")

    assert str(refused.value) == sentence
    assert scene.states() == ["new", "new"]


def test_an_event_that_wants_a_reason_is_refused_without_one(scene: Scene) -> None:  # keys: reason
    scene.open(FORM)
    scene.place()

    with pytest.raises(InvalidInput, match=r'^reason: "ship" wants a reason: say why in a few words\.$'):
        scene.trigger("ship", payload=FILLED, reason=" ")

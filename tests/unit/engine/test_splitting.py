"""A part of a line goes its own way: rule 18, semantics 1."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oms.errors import Busy, CommandFailed, InvalidInput
from tests.unit.engine.scene import Scene

PARCELS = """
initial: open
states:
  open: {}
  shipped: {on_enter: {do: {what: pack}}}
  lost: {final: true}
  done: {final: true}
events:
  ship: {manual: true}
  note: {manual: true, command: {do: {what: note}}}
  expire: {after: 3d}
  close: {manual: true}
transitions:
  - {from: open, event: ship, if: {is_open: {door: depot}}, to: shipped}
  - {from: open, event: note, to: open}
  - {from: open, event: expire, to: lost}
  - {from: shipped, event: close, to: done}
"""


@pytest.fixture
def parcels(scene: Scene) -> Scene:
    scene.open(PARCELS)
    scene.world.doors.add("depot")
    scene.place(items=[{"sku": "CUP", "name": "Cup", "quantity": 5, "unit_price": "10.00", "tax_rate": "19"}])
    return scene


def _items(scene: Scene) -> list[tuple[str, int, str]]:
    return [(item.label, item.quantity, item.state) for item in scene.order().items]


def test_the_part_becomes_a_new_item_and_moves_and_the_rest_keeps_its_id_and_its_place(parcels: Scene) -> None:  # rule 18
    answer = parcels.trigger("ship", ("1", 2))

    assert _items(parcels) == [("1", 3, "open"), ("1.1", 2, "shipped")]
    assert [(result.item, result.outcome, result.source, result.state) for result in answer.results] == [("1.1", "moved", "open", "shipped")]
    rest, part = parcels.order().items
    assert (part.split_from, part.line) == (rest.id, rest.line)
    assert (rest.moves, part.moves) == (0, 1)
    assert parcels.world.done == [("pack", ("1.1",))]


def test_parts_are_numbered_within_their_line_and_can_be_named(parcels: Scene) -> None:  # rule 18
    parcels.trigger("ship", ("1", 2))
    parcels.trigger("ship", ("1", 1))
    parcels.trigger("close", "1.1")
    parcels.trigger("close", ("1.2", 1))

    assert _items(parcels) == [("1", 2, "open"), ("1.1", 2, "done"), ("1.2", 1, "done")]


def test_taking_all_units_moves_the_item_itself(parcels: Scene) -> None:  # rule 18
    parcels.trigger("ship", ("1", 5))

    assert _items(parcels) == [("1", 5, "shipped")]


def test_the_history_says_where_a_part_was_split_off(parcels: Scene) -> None:  # rule 18
    parcels.trigger("ship", ("1", 2))

    assert parcels.history()[1:] == [("__split__", "open", "open", ["1.1"]), ("ship", "open", "shipped", ["1.1"])]


def test_nothing_is_split_when_the_part_does_not_move(parcels: Scene) -> None:  # rule 18
    parcels.world.doors.clear()

    answer = parcels.trigger("ship", ("1", 2))

    assert [result.outcome for result in answer.results] == ["stayed"]
    assert _items(parcels) == [("1", 5, "open")]


def test_nothing_is_split_when_the_hop_fails(parcels: Scene) -> None:  # rule 18
    parcels.world.broken["pack"] = RuntimeError("no box")

    with pytest.raises(CommandFailed, match="no box"):
        parcels.trigger("ship", ("1", 2))

    assert _items(parcels) == [("1", 5, "open")]


def test_what_a_part_leaves_behind_keeps_its_timers_and_the_part_takes_none_along(parcels: Scene) -> None:  # rule 18
    before = parcels.timers()

    parcels.trigger("ship", ("1", 2))

    assert parcels.timers() == before


def test_on_a_transition_to_the_same_state_the_part_gets_copies_of_the_pending_timers(parcels: Scene) -> None:  # rule 18
    due = parcels.timers()[0].due_at
    parcels.clock.move(days=1)

    parcels.trigger("note", ("1", 2))

    assert _items(parcels) == [("1", 3, "open"), ("1.1", 2, "open")]
    assert [timer.due_at for timer in parcels.timers()] == [due, due]
    parcels.wait(days=2)
    assert _items(parcels) == [("1", 3, "lost"), ("1.1", 2, "lost")]


def test_the_part_keeps_its_age_on_a_transition_to_the_same_state(parcels: Scene) -> None:  # semantics 7
    entered = parcels.order().items[0].entered_at
    parcels.clock.move(days=1)

    parcels.trigger("note", ("1", 2))

    assert [item.entered_at for item in parcels.order().items] == [entered, entered]


def test_a_part_that_is_split_off_in_a_final_state_is_final(scene: Scene) -> None:  # rule 18
    scene.open("""
        initial: open
        states: {open: {}, done: {final: true}}
        events: {close: {manual: true}, note: {}}
        transitions:
          - {from: open, event: close, to: done}
          - {from: done, event: note, to: done}
        """)
    scene.place(items=[{"sku": "CUP", "name": "Cup", "quantity": 5, "unit_price": "10.00", "tax_rate": "19"}])
    scene.trigger("close")

    scene.trigger("note", ("1", 2))

    assert scene.rows("SELECT final FROM order_item") == [(1,), (1,)]


@pytest.mark.parametrize("quantity", [0, -1, 6])
def test_more_units_than_there_are_or_none_at_all_are_refused(parcels: Scene, quantity: int) -> None:  # rule 18
    with pytest.raises(InvalidInput, match=rf"^items/0/quantity: item 1: {quantity} of 5 units can't be taken: 1 to 5\.$"):
        parcels.trigger("ship", ("1", quantity))


CALLING = """
initial: calling
states:
  calling: {run: {call: {whom: A}}, then: answer}
  done: {final: true}
events:
  answer: {}
  cancel: {manual: true}
transitions:
  - {from: calling, event: answer, to: done}
  - {from: calling, event: cancel, to: done}
"""


def test_nothing_is_split_while_a_job_of_the_stay_is_open(scene: Scene) -> None:  # rule 18
    scene.open(CALLING)
    scene.place(items=[{"sku": "CUP", "name": "Cup", "quantity": 5, "unit_price": "10.00", "tax_rate": "19"}])
    triggers = len(scene.order().triggers)

    with pytest.raises(Busy, match=r'^Item 1 can\'t be split now: the job of "calling" is open\.'):
        scene.trigger("cancel", ("1", 2))

    assert len(scene.order().triggers) == triggers
    assert scene.trigger("cancel", ("1", 5)).moved


def test_parts_that_wait_for_the_engine_are_looked_at_for_themselves(scene: Scene) -> None:  # rule 18
    scene.open("""
        initial: new
        states: {new: {}, through: {}, done: {final: true}}
        events: {note: {manual: true}, leave: {manual: true}}
        transitions:
          - {from: new, if: {is_open: {door: gate}}, to: through}
          - {from: new, event: note, to: new}
          - {from: through, event: leave, to: done}
        """)
    scene.place(items=[{"sku": "CUP", "name": "Cup", "quantity": 5, "unit_price": "10.00", "tax_rate": "19"}])
    scene.drain()
    scene.trigger("note", ("1", 2))
    scene.world.doors.add("gate")

    scene.clock.now += timedelta(minutes=2)
    scene.drain()

    assert _items(scene) == [("1", 3, "through"), ("1.1", 2, "through")]

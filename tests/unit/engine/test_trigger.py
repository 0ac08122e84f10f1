"""What a trigger answers, and what it leaves behind: semantics 1 to 3 and 10, rules 3, 11 and 24."""

from __future__ import annotations

from decimal import Decimal

import pytest

from oms.errors import CommandFailed, Conflict, InvalidInput, NotFound, NotPossible
from tests.unit.engine.scene import REFERENCE, Scene

SHELF = """
initial: here
states:
  here: {}
  there: {}
  gone: {final: true}
  away: {final: true}
events:
  go: {manual: true}
  wave: {manual: true}
  end: {manual: true}
transitions:
  - {from: here, event: go, if: {is_open: {door: front}}, to: there}
  - {from: here, event: wave, to: here, command: {do: {what: wave}}}
  - {from: there, event: end, to: gone, command: {do: {what: end}}}
  - {from: here, event: end, to: away}
"""


def test_an_event_moves_the_items_whose_state_has_it_and_says_why_the_others_are_not_concerned(scene: Scene) -> None:  # semantics 1
    scene.open(SHELF)
    scene.world.doors.add("front")
    scene.place()
    scene.trigger("go", "2")

    answer = scene.trigger("go")

    assert [(result.item, result.outcome, result.source, result.state) for result in answer.results] == [
        ("1", "moved", "here", "there"),
        ("2", "not applicable", None, "there"),
    ]
    assert answer.results[1].why == 'Can\'t go when in "there". Possible: end.'


def test_an_item_whose_way_is_closed_stays_and_that_is_an_answer_not_an_error(scene: Scene) -> None:  # semantics 2
    scene.open(SHELF)
    scene.place()
    before = scene.order()
    scene.clock.move(hours=1)

    answer = scene.trigger("go")

    assert [(result.outcome, result.why) for result in answer.results] == [("stayed", 'no transition of "go" is open')] * 2
    after = scene.order()
    assert after.items == before.items
    assert after.history == before.history


def test_an_item_whose_command_fails_stands_where_it_stood_and_the_caller_is_told_why(scene: Scene) -> None:  # semantics 6
    scene.open(SHELF)
    scene.place()
    scene.world.broken["wave"] = RuntimeError("the arm hurts")

    with pytest.raises(CommandFailed, match=r"^Can't wave: RuntimeError: the arm hurts$"):
        scene.trigger("wave", "1")

    assert scene.states() == ["here", "here"]
    assert scene.failures() == [("wave", "here", "here", ["1"])]
    assert scene.notes() == []
    assert scene.order().items[0].look_at is None


def test_one_item_may_move_while_another_fails_and_each_is_answered_for_itself(scene: Scene) -> None:  # semantics 6
    scene.open(SHELF)
    scene.world.doors.add("front")
    scene.place()
    scene.trigger("go", "2")
    scene.world.broken["end"] = RuntimeError("no end")

    answer = scene.trigger("end")

    assert [(result.item, result.outcome, result.error) for result in answer.results] == [
        ("1", "moved", None),
        ("2", "failed", "RuntimeError: no end"),
    ]
    assert scene.states() == ["away", "there"]


def test_an_event_that_is_not_possible_now_is_refused_with_what_is(scene: Scene) -> None:  # semantics 10
    scene.open(SHELF)
    scene.world.doors.add("front")
    scene.place()
    scene.trigger("go")

    with pytest.raises(NotPossible, match=r"^Can't wave when in \"there\"\. Possible: end\.$"):
        scene.trigger("wave")

    assert len(scene.order().triggers) == 2


def test_an_event_that_does_not_exist_is_answered_with_the_nearest_that_does(scene: Scene) -> None:  # semantics 10
    scene.open(SHELF)
    scene.place()

    with pytest.raises(InvalidInput, match=r'no event "wav"; did you mean "wave"\?'):
        scene.trigger("wav")


def test_names_are_compared_exactly(scene: Scene) -> None:  # semantics 12
    scene.open(SHELF)
    scene.place()

    with pytest.raises(InvalidInput, match='no event "Wave"'):
        scene.trigger("Wave")


def test_an_item_that_does_not_exist_is_answered_with_those_that_do(scene: Scene) -> None:  # semantics 10
    scene.open(SHELF)
    scene.place()

    with pytest.raises(NotFound, match=r'^The order has no item "3"\. It has: 1, 2\.$'):
        scene.trigger("wave", "3")


def test_an_item_may_be_named_by_the_shops_own_ref_but_only_once(scene: Scene) -> None:  # rule 18
    scene.open(SHELF)
    scene.place(items=[{"sku": "CUP", "name": "Cup", "quantity": 1, "unit_price": "10.00", "tax_rate": "19", "ref": "left-cup"}])

    assert scene.trigger("wave", "left-cup").moved
    with pytest.raises(InvalidInput, match="named twice"):
        scene.trigger("wave", "left-cup", "1")


def test_the_number_of_an_item_names_that_item_whatever_another_one_is_called(scene: Scene) -> None:  # rule 18
    scene.open(SHELF)
    scene.place()
    scene.rows("UPDATE order_item SET ref = '2' WHERE line = 1")  # as an order of before that was refused

    answer = scene.trigger("wave", "2")

    assert [(result.item, result.outcome) for result in answer.results] == [("2", "moved")]


def test_an_empty_list_of_items_is_a_mistake_not_all_of_them(scene: Scene) -> None:  # semantics 1
    scene.open(SHELF)
    scene.place()

    with pytest.raises(InvalidInput, match=r"^items: is an empty list"):
        scene.shop.trigger(REFERENCE, "wave", items=[])


def test_a_payload_that_could_not_be_kept_is_refused(scene: Scene) -> None:  # semantics 9
    scene.open(SHELF)
    scene.place()

    with pytest.raises(InvalidInput, match=r"^payload/amount: must be JSON, found Decimal\. Write amounts, dates and times as text\."):
        scene.trigger("wave", payload={"amount": Decimal("1.00")})


def test_items_that_stand_elsewhere_than_the_caller_saw_them_are_not_touched(scene: Scene) -> None:  # engine.md, trigger(expect)
    scene.open(SHELF)
    scene.place()

    with pytest.raises(Conflict, match=r'^Expected "there", but items are in: here'):
        scene.trigger("end", expect="there")

    assert scene.states() == ["here", "here"]


def test_a_command_is_called_once_with_all_items_and_a_condition_is_asked_for_each(scene: Scene) -> None:  # semantics 3
    scene.open(SHELF)
    scene.place()

    scene.trigger("wave")

    assert scene.world.done == [("wave", ("1", "2"))]


def test_who_why_when_and_what_caused_it_are_recorded(scene: Scene) -> None:  # semantics 9
    scene.open(SHELF)
    scene.place()
    scene.clock.move(minutes=5)

    scene.trigger("wave", actor="clerk:petra", reason="because", payload={"hand": "left"}, cause="mail:7")

    row = scene.order().triggers[-1]
    assert (row.event, row.actor, row.reason, row.cause, row.at) == ("wave", "clerk:petra", "because", "mail:7", scene.clock.now)
    assert row.payload == '{"hand": "left"}'


def test_what_each_condition_answered_is_recorded(scene: Scene) -> None:  # semantics 9
    scene.open(SHELF)
    scene.place()
    scene.trigger("go", "1")
    scene.world.doors.add("front")
    scene.trigger("go", "2")

    assert [
        row.answer and ("is_open" in row.answer, '"is_open: no"' in row.answer, '"is_open: yes"' in row.answer) for row in scene.order().triggers
    ] == [
        (False, False, False),
        (True, True, False),
        (True, False, True),
    ]


CALLING = """
initial: calling
states:
  calling: {run: {call: {whom: A}}, then: answer, on_error: miss}
  done: {final: true}
events:
  answer: {}
  miss: {manual: true}
transitions:
  - {from: calling, event: answer, to: done}
  - {from: calling, event: miss, to: done}
"""


def test_an_event_that_a_job_lets_happen_comes_from_nobody_else(scene: Scene) -> None:  # rule 24
    scene.open(CALLING)
    scene.place()

    with pytest.raises(NotPossible, match="happens by itself, or a job lets it happen"):
        scene.trigger("answer")


def test_unless_it_is_also_a_button(scene: Scene) -> None:  # rule 24
    scene.open(CALLING)
    scene.place()

    assert scene.trigger("miss").moved


def test_nobody_can_change_the_payload_while_the_trigger_runs(scene: Scene) -> None:  # semantics 3
    scene.open(SHELF.replace("{do: {what: wave}}", "scribble"))
    scene.place()

    with pytest.raises(CommandFailed, match="TypeError"):
        scene.trigger("wave", payload={"hand": "left"})

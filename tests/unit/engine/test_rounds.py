"""Rounds of hops, to completion, in one transaction: rules 12 to 14, semantics 4 and 6."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from oms.errors import CommandFailed, EndlessChain, StoreUnavailable
from tests.unit.engine.scene import Scene

RIVERS = """
initial: spring
states:
  spring: {}
  brook: {}
  rill: {}
  river: {on_enter: {do: {what: swell}}}
  sea: {final: true}
events:
  part: {manual: true}
  flow: {manual: true, command: {do: {what: flow}}}
  fall: {auto: true, command: {do: {what: fall}}}
transitions:
  - {from: spring, event: part, if: {is_open: {door: left}}, to: brook}
  - {from: spring, event: part, to: rill}
  - {from: brook, event: flow, to: river, command: {do: {what: bubble}}}
  - {from: rill, event: flow, to: river, command: {do: {what: trickle}}}
  - {from: river, event: fall, to: sea}
"""


def _two_sources(scene: Scene, process: str = RIVERS) -> None:
    scene.open(process)
    scene.place()
    scene.world.doors.add("left")
    scene.trigger("part", "1")
    scene.world.doors.clear()
    scene.trigger("part", "2")
    assert scene.states() == ["brook", "rill"]


def test_items_that_take_the_same_event_to_the_same_target_are_one_hop(scene: Scene) -> None:  # rule 12
    _two_sources(scene)

    scene.trigger("flow")

    assert scene.world.done == [("flow", ("1", "2")), ("bubble", ("1",)), ("trickle", ("2",)), ("swell", ("1", "2")), ("fall", ("1", "2"))]


def test_a_hop_writes_one_history_row_per_source(scene: Scene) -> None:  # rule 12
    _two_sources(scene)

    scene.trigger("flow")

    assert scene.history()[-3:] == [("flow", "brook", "river", ["1"]), ("flow", "rill", "river", ["2"]), ("fall", "river", "sea", ["1", "2"])]
    hops = scene.rows("SELECT hop, source FROM history WHERE event = 'flow'")
    assert hops == [(1, "brook"), (1, "rill")]


def test_the_event_commands_come_first_then_those_of_the_arrow_then_those_of_the_state(scene: Scene) -> None:  # semantics 2
    scene.open("""
        initial: new
        states:
          new: {}
          old: {final: true, on_enter: [{do: {what: enter}}, {do: {what: settle}}]}
        events:
          age: {manual: true, prepare: {do: {what: prepare}}, command: {do: {what: event}}}
        transitions:
          - {from: new, event: age, to: old, command: {do: {what: arrow}}}
        """)
    scene.place()

    scene.trigger("age")

    assert [what for what, _ in scene.world.done] == ["prepare", "event", "arrow", "enter", "settle"]


FORK = """
initial: new
states:
  new: {}
  odd: {}
  even: {}
  end: {final: true}
  even end: {final: true}
events:
  sort: {manual: true}
  finish: {auto: true}
transitions:
  - {from: new, event: sort, if: {data: {odd: true}}, to: odd, command: {do: {what: odd}}}
  - {from: new, event: sort, to: even, command: {do: {what: even}}}
  - {from: odd, event: finish, to: end}
  - {from: even, event: finish, to: even end, command: {do: {what: polish}}}
"""


def _numbers(odd: list[bool]) -> dict[str, Any]:
    item = {"name": "Number", "quantity": 1, "unit_price": "1.00", "tax_rate": "19"}
    return {"items": [{**item, "sku": f"N{number}", "data": {"odd": is_odd}} for number, is_odd in enumerate(odd)]}


def test_a_group_divides_by_the_transitions_that_its_items_choose(scene: Scene) -> None:  # semantics 2
    scene.open(FORK)
    scene.place(**_numbers([True, False, True]))

    scene.trigger("sort")

    assert scene.history()[1:] == [
        ("sort", "new", "odd", ["1", "3"]),
        ("sort", "new", "even", ["2"]),
        ("finish", "odd", "end", ["1", "3"]),
        ("finish", "even", "even end", ["2"]),
    ]


def test_the_first_arrow_in_file_order_whose_condition_holds_is_taken(scene: Scene) -> None:  # semantics 2
    scene.open("""
        initial: new
        states: {new: {}, first: {final: true}, second: {final: true}, neither: {final: true}}
        events: {go: {manual: true}}
        transitions:
          - {from: new, event: go, if: {is_open: {door: a}}, to: first}
          - {from: new, event: go, if: {is_open: {door: b}}, to: second}
          - {from: new, event: go, to: neither}
        """)
    scene.world.doors |= {"a", "b"}
    for reference in ("A-1", "A-2", "A-3"):
        scene.place(reference)

    scene.trigger("go", reference="A-1")
    scene.world.doors -= {"a"}
    scene.trigger("go", reference="A-2")
    scene.world.doors.clear()
    scene.trigger("go", reference="A-3")

    assert [scene.states(reference)[0] for reference in ("A-1", "A-2", "A-3")] == ["first", "second", "neither"]


def test_conditions_of_host_and_parts_are_asked_before_any_else(scene: Scene) -> None:  # rule 23
    scene.open(
        """
        initial: new
        parts: [extra]
        states: {new: {}, hosts else: {final: true}, hosts: {final: true}, parts: {final: true}}
        events: {go: {manual: true}}
        transitions:
          - {from: new, event: go, if: {is_open: {door: host}}, to: hosts}
          - {from: new, event: go, to: hosts else}
        """,
        extra="""
        transitions:
          - {from: new, event: go, if: {is_open: {door: part}}, to: parts}
        """,
    )
    scene.world.doors.add("part")
    scene.place()

    scene.trigger("go")

    assert scene.states() == ["parts", "parts"]


def test_a_hop_that_fails_is_written_down_and_the_others_of_its_round_go_on(scene: Scene) -> None:  # rule 13
    scene.open(FORK)
    scene.place(**_numbers([True, False]))
    scene.world.broken["odd"] = RuntimeError("too odd")

    answer = scene.trigger("sort")

    assert [(result.item, result.outcome, result.state) for result in answer.results] == [("1", "failed", "new"), ("2", "moved", "even end")]
    assert scene.failures() == [("sort", "new", "odd", ["1"])]
    assert scene.notes() == ["even", "polish"]


def test_a_hop_that_fails_later_leaves_the_earlier_ones_of_its_trigger(scene: Scene) -> None:  # semantics 6
    scene.open(FORK)
    scene.place(**_numbers([True, False]))
    scene.world.broken["polish"] = RuntimeError("dull")

    answer = scene.trigger("sort")

    assert [(result.item, result.outcome, result.state, result.error) for result in answer.results] == [
        ("1", "moved", "end", None),
        ("2", "moved", "even", "RuntimeError: dull"),
    ]
    assert scene.notes() == ["odd", "even"]


def test_a_condition_that_raises_concerns_its_item_alone(scene: Scene) -> None:  # semantics 6
    scene.open("""
        initial: new
        states: {new: {}, waiting: {}, done: {final: true}}
        events: {skip: {manual: true}, go: {manual: true}}
        transitions:
          - {from: new, event: skip, to: waiting}
          - {from: waiting, event: go, to: done}
          - {from: new, event: go, if: {is_open: {door: jammed}}, to: done}
        """)
    scene.place()
    scene.trigger("skip", "2")
    scene.world.broken["jammed"] = RuntimeError("it jams")

    answer = scene.trigger("go")

    assert [(result.item, result.outcome, result.error) for result in answer.results] == [
        ("1", "failed", "RuntimeError: it jams"),
        ("2", "moved", None),
    ]


def test_a_condition_that_answers_neither_yes_nor_no_is_a_failure_not_a_no(scene: Scene) -> None:  # rule 42
    scene.open("""
        initial: new
        states: {new: {}, done: {final: true}}
        events: {go: {manual: true}}
        transitions: [{from: new, event: go, if: shrugs, to: done}]
        """)
    scene.place()

    with pytest.raises(CommandFailed, match="shrugs answered 1: it must answer True or False"):
        scene.trigger("go")


WHEEL = """
initial: stop
states: {stop: {}, up: {}, down: {}, end: {final: true}}
events: {start: {manual: true}, turn: {auto: true, command: {do: {what: turn}}}, leave: {manual: true}}
transitions:
  - {from: stop, event: start, to: up}
  - {from: up, event: turn, if: {is_open: {door: wheel}}, to: down}
  - {from: down, event: turn, if: {is_open: {door: wheel}}, to: up}
  - {from: [up, down], event: leave, to: end}
"""


def test_more_than_fifty_hops_roll_everything_back_and_print_the_circle(scene: Scene) -> None:  # rule 12, semantics 4
    scene.open(WHEEL)
    scene.place()
    scene.world.doors.add("wheel")

    with pytest.raises(EndlessChain, match="more than 50 hops"):
        scene.trigger("start")

    assert scene.states() == ["stop", "stop"]
    assert len(scene.history()) == 1
    assert scene.notes() == []
    (incident,) = scene.incidents()
    assert (incident.kind, incident.subject) == ("endless chain", "order:1")
    assert "up → down → up → down" in incident.text


def test_fifty_hops_are_allowed_and_counted_for_each_item(scene: Scene) -> None:  # rule 12
    states = [f"s{number}" for number in range(51)]
    arrows = "\n".join(f"  - {{from: {here}, event: {'go' if here == 's0' else 'next'}, to: {there}}}" for here, there in pairwise(states))
    middle = "\n".join(f"  {state}: {{}}" for state in states[:-1])
    scene.open(
        f"initial: s0\nstates:\n{middle}\n  s50: {{final: true}}\nevents:\n  go: {{manual: true}}\n  next: {{auto: true}}\ntransitions:\n{arrows}"
    )
    scene.place()

    scene.trigger("go")

    assert scene.states() == ["s50", "s50"]


def test_a_database_that_does_not_answer_is_no_failed_hop_the_whole_trigger_is_tried_again(scene: Scene) -> None:  # rule 14
    _two_sources(scene)
    scene.world.break_for("trickle", OperationalError("INSERT", {}, Exception("disk I/O error")), times=2)

    scene.trigger("flow")

    assert scene.states() == ["sea", "sea"]
    assert scene.failures() == []
    assert scene.notes() == ["flow", "bubble", "trickle", "swell", "fall"]


def test_a_database_that_never_answers_leaves_nothing_and_the_caller_is_told(scene: Scene) -> None:  # rule 14
    _two_sources(scene)
    scene.world.broken["trickle"] = OperationalError("INSERT", {}, Exception("disk I/O error"))

    with pytest.raises(StoreUnavailable, match="disk I/O error"):
        scene.trigger("flow")

    assert [what for what, _ in scene.world.done].count("trickle") == 5
    assert scene.states() == ["brook", "rill"]
    assert scene.failures() == []
    assert scene.notes() == []


def test_what_the_database_refuses_to_store_is_a_failed_hop(scene: Scene) -> None:  # rule 14
    scene.open("""
        initial: new
        states: {new: {}, done: {final: true}}
        events: {go: {manual: true, command: clash}}
        transitions: [{from: new, event: go, to: done}]
        """)
    scene.place()

    with pytest.raises(CommandFailed, match=r"IntegrityError|NotNullViolation"):
        scene.trigger("go")

    assert scene.failures() == [("go", "new", "done", ["1", "2"])]


def test_conditions_read_what_the_hop_before_them_wrote(scene: Scene) -> None:  # rules 3 and 22
    scene.open("""
        initial: new
        states: {new: {}, billed: {on_enter: issue_invoice}, checked: {final: true}, wrong: {final: true}}
        events: {bill: {manual: true}, check: {auto: true}}
        transitions:
          - {from: new, event: bill, to: billed}
          - {from: billed, event: check, if: invoice_is_issued, to: checked}
          - {from: billed, event: check, to: wrong}
        """)
    scene.place()

    scene.trigger("bill")

    assert scene.states() == ["checked", "checked"]


def test_a_transition_to_the_same_state_runs_its_commands_and_nothing_of_what_entering_means(scene: Scene) -> None:  # semantics 7
    scene.open("""
        initial: calling
        states:
          calling: {on_enter: {do: {what: enter}}, run: {call: {whom: A}}, then: answer}
          done: {final: true}
        events:
          answer: {}
          hurry: {manual: true, command: {do: {what: hurry}}}
          go on: {auto: true}
        transitions:
          - {from: calling, event: hurry, to: calling, command: {do: {what: shout}}}
          - {from: calling, event: answer, to: done}
          - {from: calling, event: go on, if: {is_open: {door: gate}}, to: done}
        """)
    scene.place()
    scene.world.done.clear()
    scene.world.doors.add("gate")
    entered = [item.entered_at for item in scene.order().items]
    scene.clock.move(minutes=5)

    answer = scene.trigger("hurry")

    assert [(result.outcome, result.source, result.state) for result in answer.results] == [("moved", "calling", "calling")] * 2
    assert [what for what, _ in scene.world.done] == ["hurry", "shout"]
    assert scene.history()[-1] == ("hurry", "calling", "calling", ["1", "2"])
    assert [job.name for job in scene.order().jobs].count("call") == 1
    assert [item.entered_at for item in scene.order().items] == entered
    assert scene.states() == ["calling", "calling"]

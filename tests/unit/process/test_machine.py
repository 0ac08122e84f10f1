"""The chooser: rule 42, point 2 of the semantics, rule 23."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import transitions
from hypothesis import given
from hypothesis import strategies as st

from oms.process.machine import Chooser, NoSuchEvent
from oms.process.model import Call, Event, Process, State, Transition

STATES = ("payment pending", "3D secure check", "os.system", "trigger", "state")
EVENTS = ("pay", "to_s1", "trigger", "state", "is_s0")
CONDITIONS = ("settled", "overpaid", "os.getcwd")


def process_of(*arrows: Transition) -> Process:
    return Process(
        name="example",
        initial=STATES[0],
        states={name: State(name) for name in STATES},
        events={name: Event(name) for name in EVENTS},
        transitions=arrows,
    )


def arrow(source: str, target: str, event: str | None = "pay", *conditions: str) -> Transition:
    return Transition(source, target, event, conditions=tuple(Call(name) for name in conditions))


def answering(*true: str) -> Callable[[Call], bool]:
    return lambda call: call.name in true


arrows = st.builds(
    arrow, st.sampled_from(STATES), st.sampled_from(STATES), st.sampled_from([None, *EVENTS]), *[st.sampled_from(CONDITIONS)] * 2
) | st.builds(arrow, st.sampled_from(STATES), st.sampled_from(STATES), st.sampled_from([None, *EVENTS]))


def reference_choice(process: Process, state: str, event: str | None, true: set[str]) -> Transition | None:
    ways = [way for way in process.transitions if way.source == state and way.event == event]
    if not ways:
        raise NoSuchEvent(state, event)
    return next((way for way in ways if all(call.name in true for call in way.conditions)), None)


@given(st.lists(arrows, max_size=12), st.sets(st.sampled_from(CONDITIONS)))
def test_every_choice_is_the_first_open_transition_in_file_order(ways: list[Transition], true: set[str]) -> None:
    process = process_of(*ways)
    chooser = Chooser(process)
    for state in STATES:
        for event in (None, *EVENTS):
            try:
                expected = reference_choice(process, state, event, true)
            except NoSuchEvent:
                with pytest.raises(NoSuchEvent):
                    chooser.choose(state, event, answering(*true))
            else:
                assert chooser.choose(state, event, answering(*true)) is expected


def test_an_else_is_taken_when_no_condition_holds() -> None:
    paid, waiting = arrow("payment pending", "trigger", "pay", "settled"), arrow("payment pending", "payment pending")
    chooser = Chooser(process_of(paid, waiting))
    assert chooser.choose("payment pending", "pay", answering("settled")) is paid
    assert chooser.choose("payment pending", "pay", answering()) is waiting


def test_none_is_the_answer_when_no_transition_is_open() -> None:
    chooser = Chooser(process_of(arrow("payment pending", "trigger", "pay", "settled")))
    assert chooser.choose("payment pending", "pay", answering()) is None


@pytest.mark.parametrize(("state", "event"), [("trigger", "pay"), ("payment pending", "state"), ("payment pending", None), ("nowhere", "pay")])
def test_an_event_that_the_state_does_not_have_is_named(state: str, event: str | None) -> None:
    chooser = Chooser(process_of(arrow("payment pending", "trigger")))
    with pytest.raises(NoSuchEvent) as refused:
        chooser.choose(state, event, answering())
    what = "transition without event" if event is None else f'event "{event}"'
    assert str(refused.value) == f'The state "{state}" has no {what}.'


@pytest.mark.parametrize(("answer", "shown"), [(None, "None"), (1, "1"), (0, "0"), ("yes", "'yes'"), ("a" * 500, f"'{'a' * 79}")])
def test_an_answer_that_is_no_bool_is_refused_with_the_name_of_the_condition(answer: object, shown: str) -> None:
    chooser = Chooser(process_of(arrow("payment pending", "trigger", "pay", "settled")))
    ask: Callable[..., bool] = lambda _call: answer  # type: ignore[assignment,return-value]  # noqa: E731 - what a shop may write
    with pytest.raises(TypeError) as refused:
        chooser.choose("payment pending", "pay", ask)
    assert str(refused.value) == f"The condition settled answered {shown}: it must answer True or False."


def test_conditions_are_asked_in_order_with_their_arguments_until_the_choice_is_made() -> None:
    asked = []
    calls = tuple(Call("all_items_in", {"states": [number]}) for number in range(3))
    process = process_of(
        Transition("payment pending", "trigger", "pay", calls),
        arrow("payment pending", "state"),
        arrow("payment pending", "trigger", "pay", "settled"),
    )

    def ask(call: Call) -> bool:
        asked.append(call)
        return call is not calls[1]

    assert Chooser(process).choose("payment pending", "pay", ask) is process.transitions[1]
    assert asked == [calls[0], calls[1]]


@pytest.mark.parametrize("error", [ZeroDivisionError("by a condition"), transitions.MachineError("of a shop's own machine")])
def test_what_a_condition_raises_arrives_as_it_is(error: Exception) -> None:
    def ask(_call: Call) -> bool:
        raise error

    with pytest.raises(type(error)) as raised:
        Chooser(process_of(arrow("payment pending", "trigger", "pay", "settled"))).choose("payment pending", "pay", ask)
    assert raised.value is error


def test_with_the_events_of_transitions_emptied_nothing_moves() -> None:
    chooser = Chooser(process_of(arrow("payment pending", "trigger")))
    chooser._machine.events.clear()
    with pytest.raises(NoSuchEvent):
        chooser.choose("payment pending", "pay", answering())


def test_with_the_transitions_of_transitions_emptied_nothing_moves() -> None:
    chooser = Chooser(process_of(arrow("payment pending", "trigger")))
    for event in chooser._machine.events.values():
        for ways in event.transitions.values():
            ways.clear()
    assert chooser.choose("payment pending", "pay", answering()) is None


def test_choosing_leaves_nothing_behind_in_the_machine() -> None:
    chooser = Chooser(process_of(arrow("payment pending", "trigger")))
    chooser.choose("payment pending", "pay", answering())
    assert chooser._machine.models == []
    assert list(chooser._machine.events) == ["e1"]
    assert list(chooser._machine.states) == ["s0", "s1", "s2", "s3", "s4"]
    assert chooser.choose("payment pending", "pay", answering()) is not None


def test_threads_that_choose_at_once_do_not_see_each_other() -> None:
    ways = [arrow("payment pending", state, event, "settled") for state, event in zip(STATES, EVENTS, strict=True)]
    chooser, together = Chooser(process_of(*ways)), threading.Barrier(len(ways))

    def choose(way: Transition) -> Transition | None:
        def ask(call: Call) -> bool:
            together.wait()  # no answer before all threads are in the middle of their choice
            return call in way.conditions

        return chooser.choose("payment pending", way.event, ask)

    with ThreadPoolExecutor(len(ways)) as threads:
        results = [threads.submit(choose, way) for way in ways]
    assert [result.result() for result in results] == ways

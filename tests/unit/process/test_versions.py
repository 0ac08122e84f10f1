"""A process as text: rules 45 and 46."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.process.model import Call, Event, Field, Process, Retry, State, Timer, Transition, type_of_field
from oms.process.versions import process_from_json, process_to_json, sha256_of

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
titles = st.dictionaries(st.sampled_from(["", "de", "en"]), names, max_size=2)
durations = st.integers(min_value=1, max_value=3650 * 86400).map(lambda seconds: timedelta(seconds=seconds))
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | names,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=4,
)
calls = st.builds(Call, names, st.dictionaries(names, plain, max_size=2))


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=2).map(tuple)


retries = st.builds(Retry, st.integers(1, 99), durations)
timers = (
    st.builds(Timer, after=durations)
    | st.builds(Timer, every=durations)
    | st.builds(Timer, business_days=st.integers(1, 99), calendar=st.none() | names)
    | st.builds(Timer, time=st.just("09:00"), days=some(st.integers(0, 6)), zone=st.none() | names)
    | st.builds(Timer, due=names)
)
fields = st.builds(Field, names, st.sampled_from(get_args(type_of_field)), titles, st.booleans(), some(names))
states = st.builds(
    State,
    names,
    titles,
    titles,
    st.frozensets(names, max_size=2),
    st.booleans(),
    some(calls),
    st.none() | calls,
    st.none() | names,
    st.none() | names,
    st.none() | retries,
    st.none() | durations,
)
flag = st.booleans()
events = st.builds(
    Event, names, titles, some(calls), some(calls), flag, flag, st.none() | timers, flag, flag, flag, some(names), some(fields), st.none() | retries
)
transitions = st.builds(Transition, names, names, st.none() | names, some(calls), some(calls), flag)


def named(things: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(things, max_size=4).map(lambda found: {thing.name: thing for thing in found})


processes = st.builds(Process, names, names, named(states), named(events), some(transitions), titles, some(names))

EXAMPLE = Process(
    name="prepayment",
    initial="neu",
    states={
        "neu": State("neu", title={"": "Neu", "en": "New"}, flags=frozenset({"reserved", "cancellable"}), expect_within=timedelta(days=3)),
        "bezahlt für später": State("bezahlt für später", final=True, on_enter=(Call("mail", {"template": "thanks"}), Call("issue_invoice"))),
    },
    events={"pay": Event("pay", timer=Timer(after=timedelta(days=1, hours=12)), retry=Retry(attempts=3))},
    transitions=(Transition("neu", "bezahlt für später", "pay", happy=True),),
)
TEXT = (
    '{"events":[{"name":"pay","retry":{"attempts":3},"timer":{"after":"1d 12h"}}],"initial":"neu","name":"prepayment","schema":1,'
    '"states":[{"expect_within":"3d","flags":["cancellable","reserved"],"name":"neu","title":{"":"Neu","en":"New"}},'
    '{"final":true,"name":"bezahlt für später","on_enter":[{"arguments":{"template":"thanks"},"name":"mail"},{"name":"issue_invoice"}]}],'
    '"transitions":[{"event":"pay","happy":true,"source":"neu","target":"bezahlt für später"}]}'
)


@given(processes)
def test_a_process_comes_back_from_its_text_as_it_was(process: Process) -> None:
    text = process_to_json(process)
    again = process_from_json(text)
    assert again == process
    assert list(again.states) == list(process.states)
    assert list(again.events) == list(process.events)
    assert process_to_json(again) == text


def test_the_text_of_a_process_never_changes() -> None:
    assert process_to_json(EXAMPLE) == TEXT
    assert sha256_of(TEXT) == "24e6c74c5d401e83a0ddf03b69f466693430e830d0aeea69db6f0c9fb3df3d0c"


@pytest.mark.parametrize(
    "changed",
    [
        lambda process: replace(process, states=dict(reversed(process.states.items()))),
        lambda process: replace(process, parts=("returns",)),
        lambda process: replace(process, transitions=(*process.transitions, *process.transitions)),
        lambda process: replace(process, events={"pay": replace(process.events["pay"], manual=True)}),
    ],
    ids=["order of states", "parts", "transitions", "event"],
)
def test_another_process_has_another_text(changed: Callable[[Process], Process]) -> None:
    assert process_to_json(changed(EXAMPLE)) != TEXT


def test_a_text_of_another_schema_is_refused() -> None:
    text = json.dumps({**json.loads(TEXT), "schema": 2})
    with pytest.raises(
        ValueError, match=r"^The process was stored with schema 2, this oms reads schema 1: run the oms that stored it, or a newer one\.$"
    ):
        process_from_json(text)


def test_an_argument_that_is_no_json_is_not_written() -> None:
    with pytest.raises(TypeError):
        process_to_json(replace(EXAMPLE, transitions=(Transition("neu", "neu", "pay", command=(Call("note", {"text": object()}),)),)))

"""The process as the engine executes it: states, events, transitions, frozen.

What stands here was parsed (`load.py`) or read back from a deployed version; nothing here knows YAML, files or positions.
Names are compared exactly. Order matters: `Process.states`, `.events` and `.transitions` keep the order of the file, the host's first,
then those of the parts in the order listed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Literal

type_of_field = Literal["text", "number", "money", "date", "choice"]
"""What a person may be asked for when triggering an event."""

Titles = Mapping[str, str]
"""Locale to text; the key `""` holds the text of a title that names no locale."""

RESERVED = "reserved"
"""The flag of states whose items hold goods."""


@dataclass(frozen=True, slots=True)
class Call:
    """A command, condition or job as a process names it: `mail: {template: shipped}`."""

    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how soon a failed, engine-driven try is repeated: the delay doubles up to one hour."""

    attempts: int = 8
    delay: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Timer:
    """When an event happens by itself, counted from the moment an item enters the state.

    Exactly one of `after`, `every`, `business_days`, `time` and `due` is set.
    """

    after: timedelta | None = None  #: once, that long after entering
    every: timedelta | None = None  #: polled until a transition opens
    business_days: int | None = None  #: once, after that many working days of `calendar`
    calendar: str | None = None  #: such as `DE-BY`; None = the store's
    time: str | None = None  #: `"09:00"`: at the next such moment after entering
    days: tuple[int, ...] = ()  #: with `time`: the weekdays, Monday = 0; empty = every day
    zone: str | None = None  #: with `time`: an IANA zone; None = the store's
    due: str | None = None  #: the name of a function of the registry DUE


@dataclass(frozen=True, slots=True)
class Field:
    """What a person fills in when triggering an event."""

    name: str
    type: type_of_field = "text"
    title: Titles = field(default_factory=dict)
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """Where an item stands."""

    name: str
    title: Titles = field(default_factory=dict)
    customer: Titles = field(default_factory=dict)  #: the title that customers see
    flags: frozenset[str] = frozenset()
    final: bool = False
    on_enter: tuple[Call, ...] = ()
    run: Call | None = None  #: one job, ordered when items enter
    then: str | None = None  #: the event when the job is done
    on_error: str | None = None  #: the event after its last failed try
    retry: Retry | None = None
    expect_within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to items."""

    name: str
    title: Titles = field(default_factory=dict)
    command: tuple[Call, ...] = ()
    prepare: tuple[Call, ...] = ()
    auto: bool = False
    manual: bool = False
    timer: Timer | None = None
    main: bool = False
    confirm: bool = False
    reason: bool = False  #: True = a reason is required
    roles: tuple[str, ...] = ()  #: empty = every role
    fields: tuple[Field, ...] = ()
    retry: Retry | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow. `event` None = the worker takes it as soon as its conditions hold."""

    source: str
    target: str
    event: str | None = None
    conditions: tuple[Call, ...] = ()  #: all must hold; empty = the else
    command: tuple[Call, ...] = ()
    happy: bool = False


@dataclass(frozen=True)
class Process:
    """A named graph. `transitions` are in the order in which they are tried; an else comes after the conditional ones of its event."""

    name: str
    initial: str
    states: Mapping[str, State]
    events: Mapping[str, Event]
    transitions: tuple[Transition, ...]
    title: Titles = field(default_factory=dict)
    parts: tuple[str, ...] = ()

    @cached_property
    def ways_out(self) -> Mapping[str, Mapping[str | None, tuple[Transition, ...]]]:
        """State → event (None = event-less) → its transitions in the order in which they are tried."""
        ways: dict[str, dict[str | None, tuple[Transition, ...]]] = {name: {} for name in self.states}
        for transition in self.transitions:
            events = ways[transition.source]
            events[transition.event] = (*events.get(transition.event, ()), transition)
        return ways

    @cached_property
    def timers(self) -> Mapping[str, tuple[Event, ...]]:
        """State → the events with a timer that lead out of it (or back into it), in file order."""
        return {
            state: tuple(self.events[name] for name in self.events if name in ways and self.events[name].timer)
            for state, ways in self.ways_out.items()
        }

    @cached_property
    def auto(self) -> Mapping[str, str | None]:
        """State → the event that follows by itself on entering, or None."""
        return {state: next((name for name in ways if name and self.events[name].auto), None) for state, ways in self.ways_out.items()}

    @cached_property
    def looked_at(self) -> frozenset[str]:
        """The states that the worker looks at: those with an event-less way out or an `auto` event that may have found nothing open."""
        return frozenset(state for state, ways in self.ways_out.items() if None in ways or self.auto[state])


def title_in(locale: str, titles: Titles, name: str) -> str:
    """What somebody who speaks `de_AT` reads: the title in that locale, in its language, in no particular one, in English, or the name."""
    return titles.get(locale) or titles.get(re.split("[_-]", locale)[0]) or titles.get("") or titles.get("en") or name

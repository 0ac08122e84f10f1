"""What the rules look at: a process with the places of its elements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from oms.process.model import Event, Process, State, Titles, Transition
from oms.process.parts import Joined
from oms.process.reading.entries import Entry

Arrow = Entry[Transition]
Named = TypeVar("Named", State, Event)


@dataclass(frozen=True)
class Draft:
    """A process that may still be wrong. Every arrow's states and event are there."""

    name: str
    title: Titles
    initial: str
    parts: tuple[str, ...]
    states: Mapping[str, Entry[State]]
    events: Mapping[str, Entry[Event]]
    arrows: tuple[Arrow, ...]  #: in the order in which they are tried

    @cached_property
    def ways_out(self) -> Mapping[str, Mapping[str | None, tuple[Arrow, ...]]]:
        """State → event (None = event-less) → its arrows in the order in which they are tried."""
        ways: dict[str, dict[str | None, tuple[Arrow, ...]]] = {name: {} for name in self.states}
        for arrow in self.arrows:
            events = ways[arrow.value.source]
            events[arrow.value.event] = (*events.get(arrow.value.event, ()), arrow)
        return ways

    def targets(self, state: str) -> tuple[str, ...]:
        """Where the arrows of a state lead, itself included if one leads back."""
        return tuple(arrow.value.target for arrows in self.ways_out[state].values() for arrow in arrows)

    def is_driven(self, arrow: Arrow) -> bool:
        """Whether the engine takes the arrow by itself: it has no event, or an `auto` one."""
        event = arrow.value.event
        return event is None or self.events[event].value.auto

    def process(self) -> Process:
        """What the engine executes."""
        return Process(
            self.name,
            self.initial,
            states={name: entry.value for name, entry in self.states.items()},
            events={name: entry.value for name, entry in self.events.items()},
            transitions=tuple(arrow.value for arrow in self.arrows),
            title=self.title,
            parts=self.parts,
        )


def draft_of(joined: Joined) -> Draft:
    """The process as far as its names are known: arrows from or to nowhere are left out, of equal names the first counts."""
    sheet = joined.sheet
    states, events = _by_name(sheet.states), _by_name(sheet.events)
    known = [arrow for arrow in sheet.transitions if {arrow.value.source, arrow.value.target} <= states.keys()]
    arrows = _elses_last([arrow for arrow in known if arrow.value.event is None or arrow.value.event in events])
    return Draft(sheet.name, sheet.title, sheet.initial or "", joined.parts, states, events, arrows)


def _by_name(entries: Iterable[Entry[Named]]) -> dict[str, Entry[Named]]:
    found: dict[str, Entry[Named]] = {}
    for entry in entries:
        found.setdefault(entry.value.name, entry)
    return found


def _elses_last(arrows: list[Arrow]) -> tuple[Arrow, ...]:
    """Rule 23: within one state and event the conditional arrows of host and parts come first, then the else. Others keep their order."""
    groups: dict[tuple[str, str | None], list[Arrow]] = {}
    for arrow in arrows:
        groups.setdefault((arrow.value.source, arrow.value.event), []).append(arrow)
    tried = {key: iter(sorted(group, key=lambda arrow: not arrow.value.conditions)) for key, group in groups.items()}
    return tuple(next(tried[arrow.value.source, arrow.value.event]) for arrow in arrows)

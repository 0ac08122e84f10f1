"""A process and its parts → one sheet. The prefix of a part goes before the names that it defines, also through its own parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from oms.process.findings import Finding, found
from oms.process.model import Call, Event, State, Transition
from oms.process.reading.desk import Mention
from oms.process.reading.sheet import MOST_STATES, Include, Sheet
from oms.process.vocabulary import Kind, Vocabulary, Word

MOST_PARTS = 100
"""Parts of one process, the parts of parts included."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A process with all that its parts add: the host's elements first, then those of the parts in the order listed."""

    sheet: Sheet
    parts: tuple[str, ...]  #: names, each once, in the order in which they are joined
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Joiner:
    read: Callable[[Include], Sheet | None]
    vocabulary: Vocabulary
    seen: list[tuple[str, str]] = field(default_factory=list)  #: prefix and part
    findings: list[Finding] = field(default_factory=list)

    def whole(self, sheet: Sheet, *, path: tuple[str, ...], prefix: str = "") -> Sheet:
        for include in sheet.includes:
            part = self.part(include, path=path, prefix=prefix + include.prefix)
            if part:
                sheet = _added(sheet, part)
        return sheet

    def part(self, include: Include, *, path: tuple[str, ...], prefix: str) -> Sheet | None:
        refusal = self.refusal(include, path=path, prefix=prefix)
        if refusal:
            self.findings.append(refusal)
            return None
        self.seen.append((prefix, include.part))
        sheet = self.read(include)
        if sheet is None:
            return None
        whole = self.whole(sheet, path=(*path, include.part), prefix=prefix)
        return _Prefix(include.prefix, whole, self.vocabulary).sheet() if include.prefix else whole

    def refusal(self, include: Include, *, path: tuple[str, ...], prefix: str) -> Finding | None:
        if include.part in path:
            circle = " → ".join((*path[path.index(include.part) :], include.part))
            return found("OMS013", include.place, f"A part includes itself: {circle}.", hint="delete one of these includes")
        if (prefix, include.part) in self.seen:
            return found("OMS012", include.place, f'The part "{include.part}" is included twice.', hint="give one of them a prefix")
        if len(self.seen) == MOST_PARTS:
            return found("OMS013", include.place, f"A process has at most {MOST_PARTS} parts, those of its parts included.")
        return None


def join(host: Sheet, read: Callable[[Include], Sheet | None], vocabulary: Vocabulary) -> Joined:
    """Add the parts of a process, and theirs.

    Args:
        host: the process file.
        read: finds a part; None when there is none that can be read: whoever reads it reports why.
        vocabulary: says which arguments name states, for the prefix goes before them too.
    """
    joiner = _Joiner(read, vocabulary)
    sheet = joiner.whole(host, path=())
    if len(sheet.states) > MOST_STATES:
        joiner.findings.append(found("OMS001", host.place, f"{len(sheet.states)} states are more than {MOST_STATES}."))
    return Joined(sheet, tuple(dict.fromkeys(part for _, part in joiner.seen)), tuple(joiner.findings))


def _added(host: Sheet, part: Sheet) -> Sheet:
    return replace(
        host,
        states=host.states + part.states,
        events=host.events + part.events,
        transitions=host.transitions + part.transitions,
        mentions=host.mentions + part.mentions,
    )


class _Prefix:
    """Renames what a part defines wherever the part names it; other names are the host's."""

    def __init__(self, prefix: str, part: Sheet, vocabulary: Vocabulary) -> None:
        self._part = part
        self._vocabulary = vocabulary
        self._states = {entry.value.name: prefix + entry.value.name for entry in part.states}
        self._events = {entry.value.name: prefix + entry.value.name for entry in part.events}

    def sheet(self) -> Sheet:
        """The part with its names as the host sees them."""
        return replace(
            self._part,
            states=tuple(replace(entry, value=self._state(entry.value)) for entry in self._part.states),
            events=tuple(replace(entry, value=self._event(entry.value)) for entry in self._part.events),
            transitions=tuple(replace(entry, value=self._transition(entry.value)) for entry in self._part.transitions),
            mentions=tuple(self._mention(mention) for mention in self._part.mentions),
        )

    def _state(self, state: State) -> State:
        return replace(
            state,
            name=self._states[state.name],
            on_enter=self._calls(state.on_enter, self._vocabulary.commands),
            run=state.run and self._call(state.run, self._vocabulary.jobs),
            then=state.then and self._events.get(state.then, state.then),
            on_error=state.on_error and self._events.get(state.on_error, state.on_error),
        )

    def _event(self, event: Event) -> Event:
        commands = self._vocabulary.commands
        name, command, prepare = self._events[event.name], self._calls(event.command, commands), self._calls(event.prepare, commands)
        return replace(event, name=name, command=command, prepare=prepare)

    def _transition(self, transition: Transition) -> Transition:
        return replace(
            transition,
            source=self._states.get(transition.source, transition.source),
            target=self._states.get(transition.target, transition.target),
            event=transition.event and self._events.get(transition.event, transition.event),
            conditions=self._calls(transition.conditions, self._vocabulary.conditions),
            command=self._calls(transition.command, self._vocabulary.commands),
        )

    def _mention(self, mention: Mention) -> Mention:
        names = {"state": self._states, "event": self._events}.get(mention.kind, {})
        return replace(mention, name=names.get(mention.name, mention.name))

    def _calls(self, calls: tuple[Call, ...], words: Mapping[str, Word]) -> tuple[Call, ...]:
        return tuple(self._call(call, words) for call in calls)

    def _call(self, call: Call, words: Mapping[str, Word]) -> Call:
        parameters = words[call.name].parameters
        named = {name for name, parameter in parameters.items() if parameter.type is Kind.STATE}
        return replace(call, arguments={name: self._renamed(value) if name in named else value for name, value in call.arguments.items()})

    def _renamed(self, value: object) -> object:
        if isinstance(value, list):
            return [self._renamed(each) for each in value]
        return self._states.get(str(value), value)

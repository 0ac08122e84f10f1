"""The process versions that orders follow, ready to run. A version that isn't loaded yet is built from the database (rule 46)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from oms.ports.records import Version
from oms.ports.store import UnitOfWork
from oms.process.machine import Chooser
from oms.process.model import Call, Process, Transition
from oms.process.versions import process_from_json
from oms.process.vocabulary import Kind, Vocabulary, Word


@dataclass(frozen=True)
class Loaded:
    """A version with its chooser."""

    version: Version
    process: Process
    chooser: Chooser

    @cached_property
    def position(self) -> Mapping[int, int]:
        """`id(transition)` to its place in the file: hops of a round happen in that order."""
        return {id(transition): place for place, transition in enumerate(self.process.transitions)}

    @cached_property
    def from_jobs(self) -> frozenset[str]:
        """Events that only a job lets happen (rule 24)."""
        return frozenset(event for state in self.process.states.values() for event in (state.then, state.on_error) if event)


class Processes:
    """Loaded versions, shared by all threads."""

    def __init__(self) -> None:
        self._loaded: dict[int, Loaded] = {}
        self._lock = Lock()

    def get(self, work: UnitOfWork, version: int) -> Loaded:
        """The version, built at first use."""
        loaded = self._loaded.get(version)
        return loaded or self.load(work.versions.get(version))

    def load(self, version: Version) -> Loaded:
        """Build a version, once."""
        with self._lock:
            if version.id not in self._loaded:
                process = process_from_json(version.graph)
                self._loaded[version.id] = Loaded(version, process, Chooser(process))
            return self._loaded[version.id]


@dataclass(frozen=True, slots=True)
class Need:
    """What a process names and an installation has, or lacks."""

    kind: str  #: `command`, `condition`, `job`, `due function`, `mail template` or `document template`
    name: str
    place: str  #: where it is named: `state paid`, `event pay`, `transition paid → shipped`
    is_there: bool
    lacks: str = ""  #: the one file without which it is none


def needs(process: Process, vocabulary: Vocabulary) -> Iterator[Need]:
    """Everything that it names, at each place, as the file has them."""
    kinds = {"command": vocabulary.commands, "condition": vocabulary.conditions, "job": vocabulary.jobs}
    for kind, place, call in calls(process):
        word = kinds[kind].get(call.name)
        yield Need(kind, call.name, place, word is not None)
        yield from _templates(word, call, place, vocabulary) if word else ()
    for event in process.events.values():
        if event.timer and event.timer.due:
            yield Need("due function", event.timer.due, f"event {event.name}", event.timer.due in vocabulary.dues)


def missing(process: Process, vocabulary: Vocabulary) -> list[str]:
    """What a version needs and this installation lacks, as sentences."""
    return list(dict.fromkeys(_needed(need) for need in needs(process, vocabulary) if not need.is_there))


def _needed(need: Need) -> str:
    named = f'the {need.kind} "{need.name}" ({need.place})'
    return f"{need.lacks} for {named}" if need.lacks else named


def own(process: Process, vocabulary: Vocabulary) -> list[str]:
    """Those that it names and that stand in modules of the shop, by name: a program reads these when it starts."""
    return sorted({need.name for need in needs(process, vocabulary) if (need.kind, need.name) in vocabulary.own})


def _templates(word: Word, call: Call, place: str, vocabulary: Vocabulary) -> Iterator[Need]:
    """Those that a call names."""
    kinds = {Kind.TEMPLATE: ("mail template", vocabulary.templates), Kind.DOCUMENT: ("document template", vocabulary.documents)}
    for name, parameter in word.parameters.items():
        if parameter.type in kinds and name in call.arguments:
            (what, known), given = kinds[parameter.type], call.arguments[name]
            for each in map(str, given if isinstance(given, list) else [given]):
                yield Need(what, each, place, each in known, vocabulary.halves.get(each, "") if what == "mail template" else "")


def calls(process: Process) -> Iterator[tuple[str, str, Call]]:
    """Kind, place and call of everything that a process names."""
    for state in process.states.values():
        yield from (("command", f"state {state.name}", call) for call in state.on_enter)
        if state.run:
            yield "job", f"state {state.name}", state.run
    for event in process.events.values():
        yield from (("command", f"event {event.name}", call) for call in (*event.command, *event.prepare))
    for arrow in process.transitions:
        yield from (("condition", _arrow(arrow), call) for call in arrow.conditions)
        yield from (("command", _arrow(arrow), call) for call in arrow.command)


def _arrow(transition: Transition) -> str:
    return f"transition {transition.source} → {transition.target}"

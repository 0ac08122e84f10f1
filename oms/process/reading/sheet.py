"""One process file or part as it stands there: elements with places, names not yet looked up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from oms.process.findings import Finding, Place
from oms.process.model import Event, State, Titles, Transition
from oms.process.reading.desk import Desk, Mention, described
from oms.process.reading.entries import Element, Entry, read_event, read_state, read_transition
from oms.process.reading.keys import Keys
from oms.process.reading.nodes import Node, Table, Text, parse
from oms.process.reading.source import text_of
from oms.process.vocabulary import Vocabulary

PROCESS_KEYS = ("process", "title", "initial", "parts", "states", "events", "transitions")
PART_KEYS = ("process", "title", "parts", "states", "events", "transitions")
INCLUDE_KEYS = ("part", "prefix")
MOST_STATES = 500

_PROCESS_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Include:
    """A part that a file includes."""

    part: str
    place: Place
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one file says; after `parts` what a process and its parts say together."""

    name: str
    place: Place
    title: Titles
    initial: str | None
    includes: tuple[Include, ...]
    states: tuple[Entry[State], ...]
    events: tuple[Entry[Event], ...]
    transitions: tuple[Entry[Transition], ...]
    mentions: tuple[Mention, ...]


def read_sheet(data: bytes, file: str, vocabulary: Vocabulary, *, is_part: bool) -> tuple[Sheet | None, tuple[Finding, ...]]:
    """The sheet of a file, as far as it can be read, and what is wrong with the file taken by itself.

    None when it is no mapping at all; what else could not be read is absent from the sheet.
    """
    text = text_of(data, file)
    if isinstance(text, Finding):
        return None, (text,)
    node, findings = parse(*text)
    desk = Desk(vocabulary, findings)
    place = Place(text[1])
    if node is None or (isinstance(node, Text) and node.is_empty):
        if not findings:
            needs = ", ".join(key for key in (PART_KEYS if is_part else PROCESS_KEYS) if key not in {"title", "parts"})
            desk.report("OMS001", place, "The file is empty.", hint=f"it needs {needs}")
        return None, tuple(findings)
    if not isinstance(node, Table):
        sentence = f"The file must be a mapping, found {described(node)}."
        desk.report("OMS001", node.place, sentence, hint=f"begin with process: {PurePosixPath(file).stem}")
        return None, tuple(findings)
    sheet = _sheet(node, PurePosixPath(file).stem, desk, is_part=is_part)
    return sheet, tuple(findings)


def _sheet(node: Table, stem: str, desk: Desk, *, is_part: bool) -> Sheet:
    required = ("process", "transitions") if is_part else ("process", "initial", "states", "events", "transitions")
    keys = Keys(node, desk, what="A part" if is_part else "A process", known=PART_KEYS if is_part else PROCESS_KEYS, required=required)
    keys.read("process", lambda each: _check_name(each, stem, desk), None)
    return Sheet(
        stem,
        place=node.place,
        title=keys.titles("title"),
        initial=None if is_part else keys.mention("initial", "state"),
        includes=tuple(include for each in keys.listed("parts") if (include := _include(each, desk)) is not None),
        states=keys.read("states", lambda each: _states(each, desk), ()),
        events=keys.read("events", lambda each: _entries(each, desk, what='"events"', how=read_event), ()),
        transitions=tuple(entry for each in keys.listed("transitions") for entry in read_transition(each, desk)),
        mentions=tuple(desk.mentions),
    )


def _check_name(node: Node, stem: str, desk: Desk) -> None:
    name = desk.text(node, '"process"')
    if name is None:
        return
    if not _PROCESS_NAME.fullmatch(name):
        desk.report("OMS002", node.place, f'"{name}" can\'t name a process.', hint="a to z first, then also 0 to 9, _ and -; at most 64")
    elif name != stem:
        desk.report("OMS002", node.place, f'The process is called "{name}", its file "{stem}".', hint=f"write process: {stem}, or rename the file")


def _states(node: Node, desk: Desk) -> tuple[Entry[State], ...]:
    if isinstance(node, Table) and len(node.keys) > MOST_STATES:
        desk.report("OMS001", node.place, f"{len(node.keys)} states are more than {MOST_STATES}.")
        return ()
    return _entries(node, desk, what='"states"', how=read_state)


def _entries(node: Node, desk: Desk, *, what: str, how: Callable[[Text, Node, Desk], Entry[Element] | None]) -> tuple[Entry[Element], ...]:
    if not isinstance(node, Table):
        desk.wrong_type(node, what, expected="a mapping of names", hint="write {paid: {}, shipped: {}}")
        return ()
    entries = (how(key, node.values[name], desk) for name, key in node.keys.items())
    return tuple(entry for entry in entries if entry)


def _include(node: Node, desk: Desk) -> Include | None:
    if not isinstance(node, Table):
        return _part(node, node.place, desk)
    keys = Keys(node, desk, what="A part that is included", known=INCLUDE_KEYS, required=("part",))
    prefix = keys.read("prefix", lambda each: desk.text(each, '"prefix"'), None) or ""
    part = keys.node("part")
    if part is None or (prefix and not desk.is_name(prefix.rstrip(" "), keys.places()["prefix"])):
        return None
    return _part(part, part.place, desk, prefix=prefix)


def _part(node: Node, place: Place, desk: Desk, *, prefix: str = "") -> Include | None:
    name = desk.text(node, "A part")
    if name is None or _PROCESS_NAME.fullmatch(name):
        return Include(name, place, prefix) if name else None
    outside = "/" in name or "\\" in name or name.startswith(".")
    sentence = f'The part "{name}" lies outside processes/parts.' if outside else f'"{name}" can\'t name a part.'
    desk.report("OMS013", place, sentence, hint="write its name alone: returns means parts/returns.yaml")
    return None

"""Text → nodes with places, from ruamel's events; what process files don't need is refused (rule 44).

`load` is not used: it stops at the first duplicate key, turns `010` and dates into other things, and gives no places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from oms.process.findings import Finding, Place, Source, found

DEEPEST = 20
"""Mappings and lists in each other."""

_YAML_1_1 = re.compile(
    r"y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF"  # truth
    r"|[-+]?0[0-7_]+|[-+]?0b[01_]+|[-+]?\d[\d_]*_[\d_]*"  # 010 is 8, 1_000 is 1000
    r"|[-+]?[1-9]\d*(:[0-5]?\d)+(\.\d*)?"  # 1:30 is 90
    r"|\d{4}-\d\d?-\d\d?([Tt ].*)?",  # dates
    re.ASCII,
)
_NO_TEXT = re.compile(r"|~|null|Null|NULL|true|True|TRUE|false|False|FALSE")


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar; numbers and truth values too, as they are written."""

    text: str
    plain: bool  #: without quotes
    place: Place

    @property
    def is_text(self) -> bool:
        """False for a plain `true`, `false`, `null` or nothing at all."""
        return not (self.plain and _NO_TEXT.fullmatch(self.text))

    @property
    def is_empty(self) -> bool:
        """Nothing stands there."""
        return self.plain and not self.text


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping with its keys in the order of the file."""

    keys: Mapping[str, Text]
    values: Mapping[str, Node]
    place: Place


Node = Text | Items | Table


def parse(text: str, source: Source) -> tuple[Node | None, list[Finding]]:
    """The top node of a file; None when the file is empty or what was found makes it unreadable."""
    try:
        events, refused = _scan(text)
    except MarkedYAMLError as error:
        return None, [_syntax(error, source)]
    except (ValueError, OverflowError) as error:  # an escape such as \Uffffffff
        return None, [found("OMS001", Place(source), f"The file does not parse: {error}.")]
    if refused:
        return None, [found("OMS001", _place(event, source), sentence, hint=hint) for event, sentence, hint in refused]
    findings: list[Finding] = []
    rest = iter(events)
    first = next(rest, None)
    return (None if first is None else _node(first, rest, source, findings)), findings


@lru_cache(maxsize=64)
def _scan(text: str) -> tuple[Sequence[Event], Sequence[tuple[Event, str, str]]]:
    """What makes up the nodes, and what is refused, why and what to do about it.

    Kept, for it takes most of the time of a check: parts stand in several processes, and what was checked is deployed next.
    """
    depth = documents = 0
    events, refused = list[Event](), list[tuple[Event, str, str]]()
    for event in YAML(typ="safe", pure=True).parse(text):
        documents += isinstance(event, DocumentStartEvent)
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if reason := _reason(event, depth=depth, documents=documents):
            refused.append((event, *reason))
        if depth > DEEPEST or documents > 1:
            break
        if isinstance(event, NodeEvent | CollectionEndEvent):
            events.append(event)
    return events, refused


def _reason(event: Event, *, depth: int, documents: int) -> tuple[str, str] | None:
    if isinstance(event, DocumentStartEvent):
        return _reason_for_document(event, documents)
    if isinstance(event, NodeEvent) and event.anchor is not None:  # an alias has the anchor's name
        what = "Aliases" if isinstance(event, AliasEvent) else "Anchors"
        return f"{what} are not allowed.", "write it out where it is needed"
    if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag is not None:
        return "Tags are not allowed.", "delete what begins with !"
    if isinstance(event, ScalarEvent) and event.value == "<<" and event.style is None:
        return "Merge keys are not allowed.", "write it out"
    if isinstance(event, CollectionStartEvent) and depth > DEEPEST:
        return f"Mappings and lists stand in each other more than {DEEPEST} deep.", "a process needs five"
    return None


def _reason_for_document(event: DocumentStartEvent, documents: int) -> tuple[str, str] | None:
    if documents > 1:
        return "A second document begins here.", "one file is one process: move it to a file of its own"
    if event.version or event.tags:
        return "Directives are not allowed.", "delete the line that begins with %"
    return None


def _syntax(error: MarkedYAMLError, source: Source) -> Finding:
    mark = error.problem_mark or error.context_mark
    place = Place(source, mark.line + 1, mark.column + 1) if mark else Place(source)
    context = f" {error.context}" if error.context else ""
    return found("OMS001", place, f"The file does not parse: {error.problem}{context}.")


def _place(event: Event, source: Source) -> Place:
    mark = event.start_mark
    return Place(source, mark.line + 1, mark.column + 1)


def _node(event: Event, rest: Iterator[Event], source: Source, findings: list[Finding]) -> Node:
    place = _place(event, source)
    if isinstance(event, ScalarEvent):
        return Text(str(event.value), plain=event.style is None, place=place)
    if isinstance(event, MappingStartEvent):
        return _table(rest, place, findings)
    return Items(tuple(_node(each, rest, source, findings) for each in _until_its_end(rest)), place)


def _until_its_end(events: Iterator[Event]) -> Iterator[Event]:
    """What begins each node of a collection; whoever takes it takes the node's other events, too."""
    while not isinstance(event := next(events), CollectionEndEvent):
        yield event


def _table(rest: Iterator[Event], place: Place, findings: list[Finding]) -> Table:
    keys: dict[str, Text] = {}
    values: dict[str, Node] = {}
    for event in _until_its_end(rest):
        key = _key(_node(event, rest, place.source, []), findings)
        value = _node(next(rest), rest, place.source, findings)
        if key is None:
            continue
        if key.text in keys:
            first = keys[key.text].place.line
            findings.append(found("OMS001", key.place, f'The key "{key.text}" stands in line {first} and again in line {key.place.line}.'))
            continue
        keys[key.text], values[key.text] = key, value
    return Table(keys, values, place)


def _key(key: Node, findings: list[Finding]) -> Text | None:
    if not isinstance(key, Text) or not key.is_text:
        hint = f'write "{key.text}" in quotes' if isinstance(key, Text) and key.text else "a key is a word before a colon"
        findings.append(found("OMS002", key.place, "A key must be text.", hint=hint))
        return None
    findings += read_otherwise(key)
    return key


def read_otherwise(text: Text) -> Iterator[Finding]:
    """Rule 003: a plain value that tools of YAML 1.1 read as a truth value, number or date."""
    if text.plain and _YAML_1_1.fullmatch(text.text):
        yield found("OMS003", text.place, f"Tools of YAML 1.1 don't read {text.text} as text.", hint=f'write "{text.text}" in quotes')

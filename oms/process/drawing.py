"""A process as a graph to lay out: boxes with lines of text, and what leads from one to the other. Drawn from the object that the engine executes.

What stands on an arrow is a box of its own, which the arrow enters and leaves: a layout keeps arrows off boxes, so none crosses a word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from oms.process.model import Call, Event, Process, State, Transition, title_in

Kind = Literal["command", "condition", "job"]
Way = tuple[str, str]
"""Source and target: all arrows between them are drawn as one."""
STATE_SIZE, WAY_SIZE = 12, 11
"""Of text, in pixels."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; of what is called, which function it is."""

    text: str
    kind: Kind | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A state, or what stands on the arrows between two."""

    id: str
    lines: tuple[Line, ...]
    state: str | None = None
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A piece of an arrow, between two boxes."""

    source: str
    target: str
    way: Way
    has_head: bool
    happy: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """What is to be laid out."""

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]


def graph_of(process: Process, *, locale: str, only: Collection[Way] | None = None, states: Collection[str] = ()) -> Graph:
    """The boxes and arrows of a process.

    Args:
        process: A checked one.
        locale: Of the titles.
        only: Draw these ways and what they connect; None: all.
        states: Draw these states, too.
    """
    ways: dict[Way, list[Transition]] = {}
    for transition in process.transitions:
        way = (transition.source, transition.target)
        if only is None or way in only:
            ways.setdefault(way, []).append(transition)
    shown = {*states, *(name for way in ways for name in way)} if only is not None else set(process.states)
    ids = {name: f"s{place}" for place, name in enumerate(process.states)}
    boxes = [Box(ids[name], tuple(_of_state(state, locale)), state=name) for name, state in process.states.items() if name in shown]
    links: list[Link] = []
    for place, (way, transitions) in enumerate(ways.items()):
        source, target, happy = ids[way[0]], ids[way[1]], any(each.happy for each in transitions)
        lines = tuple(line for each in transitions for line in _of_transition(each, process, locale))
        if not lines:
            links.append(Link(source, target, way, has_head=True, happy=happy))
            continue
        boxes.append(Box(f"w{place}", lines, way=way))
        links.append(Link(source, f"w{place}", way, has_head=False, happy=happy))
        links.append(Link(f"w{place}", target, way, has_head=True, happy=happy))
    return Graph(tuple(boxes), tuple(links))


def _of_state(state: State, locale: str) -> Iterator[Line]:
    yield Line(title_in(locale, state.title, state.name))
    yield from _calls(state.on_enter, "command")
    if state.run:
        yield from _calls([state.run], "job")


def _of_transition(transition: Transition, process: Process, locale: str) -> Iterator[Line]:
    event: Event | None = process.events[transition.event] if transition.event else None
    if event:
        yield Line(title_in(locale, event.title, event.name))
    yield from _calls(transition.conditions, "condition")
    yield from _calls([*((*event.prepare, *event.command) if event else ()), *transition.command], "command")


_BEFORE = {"command": "/ ", "condition": "? ", "job": "» "}


def _calls(calls: Iterable[Call], kind: Kind) -> Iterator[Line]:
    for call in calls:
        yield Line(f"{_BEFORE[kind]}{call.name}", kind, call.name)


def to_dot(graph: Graph) -> str:
    """The graph in the language of Graphviz, each time the same text."""
    lines = ['digraph{rankdir=TB;nodesep=0.3;ranksep=0.3;node[shape=box,fontname="Arial",margin="0.16,0.06"];edge[arrowsize=0.8]']
    for box in graph.boxes:
        size = STATE_SIZE if box.state else WAY_SIZE
        label = "\\n".join(_quoted(line.text) for line in box.lines)
        lines.append(f'{box.id}[label="{label}",fontsize={size}]')
    lines += [f"{link.source}->{link.target}[weight={8 if link.happy else 1},dir={'forward' if link.has_head else 'none'}]" for link in graph.links]
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    return " ".join(text.split()).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')

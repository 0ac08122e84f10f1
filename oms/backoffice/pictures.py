"""Pictures of processes: what was laid out, dressed by classes for one order or with counts. The page's style gives them their colours."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from oms.backoffice.looks import look_of
from oms.backoffice.telling import Tongue
from oms.documents.layout import Drawn, Layout, layout
from oms.ports.records import HistoryRow, Item
from oms.process.drawing import STATE_SIZE, WAY_SIZE, Box, Line, Way, graph_of
from oms.process.model import Process
from oms.process.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Dress:
    """What is said of a process beside what it is."""

    visited: Collection[str] = ()  #: states
    current: Collection[str] = ()
    taken: Collection[Way] = ()  #: arrows
    counts: Mapping[str, int] = field(default_factory=dict)  #: items by state


def picture(process: Process, vocabulary: Vocabulary, tongue: Tongue, dress: Dress, *, only: Collection[Way] | None = None) -> dict[str, Any] | None:
    """A picture as the template draws it; None: it can't be laid out here.

    Args:
        process: What the engine executes.
        vocabulary: What this installation has functions for; any other name is red.
        tongue: Of the titles.
        dress: What is coloured.
        only: These arrows, and the states of `dress`; None: the whole process.
    """
    graph = graph_of(process, locale=tongue.locale, only=only, states=[*dress.visited, *dress.current] if only is not None else ())
    laid = layout(graph)
    if laid is None:
        return None
    known = {"command": vocabulary.commands, "condition": vocabulary.conditions, "job": vocabulary.jobs}
    missing = {line.name for box in graph.boxes for line in box.lines if line.kind and line.name not in known[line.kind]}
    return {
        "width": round(laid.width),
        "height": round(laid.height),
        "ways": [
            {"class": f"way {_of_way(link.way, dress)}{' happy' if link.happy else ''}", **_path(drawn)}
            for link, drawn in zip(graph.links, laid.links, strict=True)
        ],
        "boxes": [_box(box, process, dress, laid, place=place, missing=missing) for place, box in enumerate(graph.boxes)],
        "states": [line.text for box in graph.boxes if box.state for line in box.lines[:1]],
        "missing": sorted(missing),
        "rows": [_row(process, tongue, name, dress) for name in process.states if only is None or any(box.state == name for box in graph.boxes)],
    }


def around(process: Process, items: Collection[Item], history: Collection[HistoryRow]) -> tuple[Dress, set[Way]]:
    """Where the items of an order are and came by, and the ways on from there."""
    current = {item.state for item in items}
    came = [row for row in history if not row.error and row.source in process.states and row.target in process.states]
    taken = {(str(row.source), row.target) for row in came}
    visited = {name for way in taken for name in way} | {row.target for row in history if row.target in process.states and not row.error}
    onward = {(arrow.source, arrow.target) for arrow in process.transitions if arrow.source in current}
    return Dress(visited=visited - current, current=current & set(process.states), taken=taken), taken | onward


def _of_way(way: Way, dress: Dress) -> str:
    return "taken" if way in dress.taken else ""


def _path(drawn: Drawn) -> dict[str, str]:
    first, *rest = (f"{x:g},{y:g}" for x, y in drawn.points)
    return {"d": f"M{first}C{' '.join(rest)}", "head": " ".join(f"{x:g},{y:g}" for x, y in drawn.head)}


def _box(box: Box, process: Process, dress: Dress, laid: Layout, *, place: int, missing: Collection[str]) -> dict[str, Any]:
    placed = laid.boxes[place]
    if box.state:
        stands = "current" if box.state in dress.current else "visited" if box.state in dress.visited else ""
        said = f"state {look_of(process, box.state)} {stands}"
    else:
        said = f"said {_of_way(box.way, dress) if box.way else ''}"
    return {
        "class": said.strip(),
        "name": box.state or "",
        "x": round(placed.x - placed.width / 2, 1),
        "y": round(placed.y - placed.height / 2, 1),
        "width": round(placed.width, 1),
        "height": round(placed.height, 1),
        "middle": placed.x,
        "size": STATE_SIZE if box.state else WAY_SIZE,
        "lines": [(y, line.text, _look(line, missing)) for line, y in zip(box.lines, placed.baselines, strict=True)],
        "count": dress.counts.get(box.state, 0) if box.state else 0,
    }


def _look(line: Line, missing: Collection[str]) -> str:
    return "" if line.kind is None else "missing" if line.name in missing else "call"


def _row(process: Process, tongue: Tongue, name: str, dress: Dress) -> dict[str, Any]:
    """The same in words."""
    leads_to = dict.fromkeys(way.target for way in process.transitions if way.source == name)
    return {
        "state": tongue.title(process.states[name].title, name),
        "look": look_of(process, name),
        "stands": "picture_current" if name in dress.current else "picture_visited" if name in dress.visited else "",
        "count": dress.counts.get(name, 0),
        "onward": [tongue.title(process.states[target].title, target) for target in leads_to],
    }

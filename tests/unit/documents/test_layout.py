"""Pictures of processes can be read: measured on their coordinates, which are pixels of the page, for the page draws them as large as they are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import pytest

from oms.documents.layout import Drawn, Layout, Point, layout
from oms.process.drawing import STATE_SIZE, WAY_SIZE, Graph, graph_of
from oms.process.load import check_folder
from oms.process.model import Call, Event, Process, State, Transition
from oms.resources import resource_folder
from tests.unit.process.words import WORDS

SMALLEST = 9
SHIPPED = check_folder(resource_folder("processes"), WORDS).processes


def with_states(many: int, *, seed: int) -> Process:
    """A process with a happy way through all of it, and half as many arrows again that lead anywhere."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    names = [f"state number {place}" for place in range(many)]
    ways = [*pairwise(names), *((dice.choice(names), dice.choice(names)) for _ in range(many // 2))]
    events = {f"event {place}": Event(f"event {place}", command=(Call("mail"),)) for place in range(len(ways))}
    conditions = (Call("payment_is_settled"),)
    arrows = tuple(
        Transition(source, target, f"event {place}" if place % 5 else None, conditions=conditions if place % 3 == 0 else (), happy=place < many - 1)
        for place, (source, target) in enumerate(ways)
    )
    return Process("long", names[0], {name: State(name, on_enter=(Call("issue_invoice"),)) for name in names}, events, arrows)


def points_on(drawn: Drawn) -> Iterator[Point]:
    """Along a curve, every few pixels."""
    for first in range(0, len(drawn.points) - 1, 3):
        a, b, c, d = drawn.points[first : first + 4]
        for step in range(61):
            t = step / 60
            k = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            yield tuple(sum(part * point[axis] for part, point in zip(k, (a, b, c, d), strict=True)) for axis in (0, 1))  # type: ignore[misc]


def texts(graph: Graph, laid: Layout) -> Iterator[tuple[str, float, float, float, float]]:
    """What is written, and its left, top, right, bottom."""
    for box, placed in zip(graph.boxes, laid.boxes, strict=True):
        size = STATE_SIZE if box.state else WAY_SIZE
        for line, base, width in zip(box.lines, placed.baselines, placed.widths, strict=True):
            yield line.text, placed.x - width / 2, base - size * 0.8, placed.x + width / 2, base + size * 0.2


@pytest.mark.parametrize(
    "process", [with_states(40, seed=1), with_states(40, seed=2), *(each.process for each in SHIPPED.values())], ids=lambda each: each.name
)
def test_no_word_is_small_and_none_is_crossed_by_an_arrow(process: Process) -> None:
    graph = graph_of(process, locale="en")
    laid = layout(graph)
    assert laid is not None
    assert min(STATE_SIZE, WAY_SIZE) >= SMALLEST
    written = list(texts(graph, laid))
    arrows = [point for drawn in laid.links for point in (*points_on(drawn), *drawn.head)]
    crossed = {said for said, left, top, right, bottom in written for x, y in arrows if left < x < right and top < y < bottom}
    assert crossed == set()
    for place, (_, left, top, right, bottom) in enumerate(written):
        assert not any(left < r and x < right and top < b and t < bottom for _, x, t, r, b in written[place + 1 :])
    assert all(left > 0 and right < laid.width and top > 0 and bottom < laid.height for _, left, top, right, bottom in written)


def test_a_version_is_laid_out_once() -> None:
    process = with_states(5, seed=3)
    assert layout(graph_of(process, locale="en")) is layout(graph_of(process, locale="en"))

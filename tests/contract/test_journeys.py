"""How often a trigger goes to the server and back: libpq's own trace says once for each journey that the server is ready for more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from sqlalchemy import Engine, event

from benchmarks.hops import PROCESS
from oms.bootstrap import Shop
from tests.builders import an_order, open_test_shop

Journeys = Callable[[Callable[[], object]], int]


@pytest.fixture
def journeys(tmp_path: Path) -> Iterator[Journeys]:
    """Of what is called, over all connections that are opened from now on."""
    traces = list[IO[str]]()

    def trace(raw: Any, _record: object) -> None:
        traces.append((tmp_path / f"{len(traces)}.trace").open("w+"))
        raw.pgconn.trace(traces[-1].fileno())

    def so_far() -> int:
        return sum(Path(said.name).read_text().count("ReadyForQuery") for said in traces)

    def of(act: Callable[[], object]) -> int:
        before = so_far()
        act()
        return so_far() - before

    event.listen(Engine, "connect", trace)
    yield of
    event.remove(Engine, "connect", trace)
    for said in traces:
        said.close()


@pytest.fixture
def shop(journeys: Journeys, tmp_path: Path, on_server: str) -> Iterator[Shop]:  # noqa: ARG001 - its connections are traced
    with open_test_shop(tmp_path / "shop", processes={"prepayment.yaml": PROCESS}, database=on_server) as opened:
        yield opened


def test_a_trigger_with_history_timer_and_job_makes_seven(journeys: Journeys, shop: Shop) -> None:
    """Begin; lock; items; trigger; move; the bell; all that waited, with the commit. The pool asks nothing."""
    for reference in ("A", "B"):
        shop.place(an_order(reference))
    shop.trigger("A", "go")  # what is done once per connection
    assert journeys(lambda: shop.trigger("B", "go")) == 7

"""How jobs come to workers on a server: brought by Procrastinate, beside workers that look for them themselves.

One worker of two slots in this process, triggers by connections of their own. The job does nothing but say when it began. Where it is rung for, the
worker looks for what nobody brought once an hour only; the other looks every second, as a shop does.
"""

from __future__ import annotations

import importlib
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy import text

from benchmarks.figures import Figure, Size, ratio
from benchmarks.seeds import CUP
from oms.bootstrap import Shop, open_shop
from tests.builders import an_order, make_shop
from tests.faults.house import configure
from tests.postgres import Server
from tests.working import wait_until, working

BELL, LOOK = "procrastinate", "local"
WORDS = """
import time

BEGAN = []

def stamp(context):
    BEGAN.append(time.perf_counter())

JOBS = (stamp,)
"""
PROCESS = """
process: prepayment
initial: new
states:
  new: {}
  open: {run: stamp, then: end}
  gone: {final: true}
events:
  go: {}
  end: {}
transitions:
  - {from: new, event: go, to: open}
  - {from: open, event: end, to: gone}
"""
PAUSE = 0.037
"""Seconds between two triggers of which each is waited for: no multiple of the worker's second."""


def measure(folder: Path, size: Size) -> list[Figure]:
    """Time to the first step, jobs a second, and what ringing costs the trigger."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # as the worker does
    server = Server(fsync="on")
    try:
        sides = {mode: _made(folder / mode, mode, server.new_database()) for mode in (BELL, LOOK)}
        return _compared(sides, size)
    finally:
        server.remove()


def _made(folder: Path, mode: str, database: str) -> Path:
    make_shop(folder, processes={"prepayment.yaml": PROCESS}, database=database)
    (folder / f"words_of_{mode}.py").write_text(WORDS, encoding="utf-8")
    configure(folder, r"modules = \[\] ", f'modules = ["words_of_{mode}"] ')
    configure(folder, r"poll_seconds = 1 ", f"poll_seconds = {3600 if mode == BELL else 1} ")
    configure(folder, r"# delivery = .local. ", f'delivery = "{mode}" ')
    with open_shop(folder) as shop:
        shop.deploy()
    return folder


def _compared(sides: dict[str, Path], size: Size) -> list[Figure]:
    waits: dict[str, list[float]] = {mode: [] for mode in sides}
    drained: list[tuple[float, float]] = []
    placed: list[tuple[float, float]] = []
    for block in range(size.blocks):
        spent = {}
        for mode in sorted(sides, reverse=bool(block % 2)):
            with _open(sides[mode], mode) as (shop, began):
                names = [f"{mode}-{block}-{number}" for number in range(size.hops)]
                ordering = _timed(partial(_order, shop, names))
                began_at = time.perf_counter()
                with working(shop):
                    wait_until(partial(_all_done, shop))
                    doing = time.perf_counter() - began_at
                    waits[mode].append(_p95(_wait(shop, began, f"{mode}-{block}", times=size.papers)))
            spent[mode] = (ordering, doing)
        placed.append((spent[BELL][0], spent[LOOK][0]))
        drained.append((spent[BELL][1], spent[LOOK][1]))
    return [
        Figure(what="a job begins after the commit (p95): rung for", values=tuple(waits[BELL]), target=100, unit="ms", at_most=True),
        Figure(what="the same: looked for each second", values=tuple(waits[LOOK]), target=1100, unit="ms", at_most=True),
        ratio("triggers that promise a job: ringing beside not ringing", placed, work=size.hops, target=0.75),
        ratio("jobs done by two slots: brought beside looked for", drained, work=size.hops, target=0.4),
    ]


@contextmanager
def _open(folder: Path, mode: str) -> Iterator[tuple[Shop, list[float]]]:
    with open_shop(folder) as shop:
        words: Any = importlib.import_module(f"words_of_{mode}") if f"words_of_{mode}" not in sys.modules else sys.modules[f"words_of_{mode}"]
        yield shop, words.BEGAN


def _order(shop: Shop, names: list[str]) -> None:
    for name in names:
        shop.place(an_order(name, items=[CUP]))
        shop.trigger(name, "go")


def _wait(shop: Shop, began: list[float], prefix: str, *, times: int) -> list[float]:
    """Milliseconds from the commit of each trigger to the first step of its job."""
    waits = []
    with open_shop(shop.settings.processes.folder.parent) as other:
        for number in range(times):
            other.place(an_order(f"{prefix}-w{number}", items=[CUP]))
            before = len(began)
            other.trigger(f"{prefix}-w{number}", "go")
            committed = time.perf_counter()
            wait_until(partial(_more_than, before, began))
            waits.append(max(began[before] - committed, 0) * 1000)
            time.sleep(PAUSE)
    return waits


def _all_done(shop: Shop) -> bool:
    with shop.store.connection() as connection:
        return not connection.execute(text("SELECT count(*) FROM job WHERE status <> 'done'")).scalar_one()


def _more_than(before: int, began: list[float]) -> bool:
    return len(began) > before


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[18]

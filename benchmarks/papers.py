"""From issuing an invoice to its stored PDF, against bare WeasyPrint with the same HTML; and what a second worker adds.

Ours is the whole way: trigger, number, snapshot, job, template, a PDF from the caged child, fsync, archive, finished job. The bare side makes the PDF
and forgets it. A worker is as it is shipped: one PDF child, and two slots, so that one paper is stored while the next one is made. Two workers are
two processes on one database; two bare processes beside them show what this machine has left for a second one.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from statistics import median

from benchmarks.bare import Bare
from benchmarks.figures import Figure, Size, interleave, ratio
from benchmarks.numbers import BILLING
from benchmarks.seeds import reference, seed
from benchmarks.worker import Worker
from oms.bootstrap import Shop, open_shop
from oms.engine.draining import run_due_jobs

LINES = 3
"""Of each invoice."""
SLOTS = 2
GAIN = 1.8
"""What two workers must do beside one."""


def measure(folder: Path, size: Size) -> list[Figure]:
    """One worker beside bare WeasyPrint, two workers beside one."""
    number = size.papers * size.blocks * 3 + 1
    home = folder / "shop"
    database = seed(home, BILLING, orders=number, items=LINES)
    with ExitStack() as stack:
        shop = stack.enter_context(open_shop(home))
        orders = iter(range(1, number + 1))
        _print(shop, next(orders))  # the first of each side is not measured
        html = _html_of(shop, 1)
        bares = [stack.enter_context(Bare(folder)) for _ in range(2)]
        like, _ = [bare.render(html) for bare in bares]
        figures = [_beside_bare(shop, bares[0], html, orders, size)]
        workers = [stack.enter_context(Worker(home)) for _ in range(2)]
        figures.append(_second_worker(shop, workers, bares, html, orders, size))
    _compare(database, papers=number, like=like)
    return figures


def _beside_bare(shop: Shop, bare: Bare, html: str, orders: Iterator[int], size: Size) -> Figure:
    def ours(_turn: int) -> float:
        began = time.perf_counter()
        done = list(slots.map(lambda order: _print(shop, order), islice(orders, size.papers)))
        while sum(done) < size.papers:  # the slots took each other's jobs, and one found none
            done.append(run_due_jobs(shop.engine))
        return time.perf_counter() - began

    with ThreadPoolExecutor(SLOTS) as slots:
        pairs = interleave(size.blocks, 1, ours=ours, theirs=lambda _turn: _rendered([bare], html, size.papers))
    return ratio("invoice, issue to stored PDF, per core: beside bare WeasyPrint", pairs, work=size.papers, target=0.9)


def _second_worker(shop: Shop, workers: Sequence[Worker], bares: Sequence[Bare], html: str, orders: Iterator[int], size: Size) -> Figure:
    gains, reach = [], []
    for _ in range(size.blocks):
        one, two = (_worked(shop, some, list(islice(orders, size.papers))) for some in (workers[:1], workers))
        gains.append(one / two)
        reach.append(_rendered(bares[:1], html, size.papers) / _rendered(bares, html, size.papers))
    beside = f"two bare processes beside one: {median(reach):.1f} x"
    return Figure(what="two workers beside one", values=tuple(gains), target=GAIN, unit="x", in_reach=median(reach) >= GAIN, beside=beside)


def _worked(shop: Shop, workers: Sequence[Worker], orders: Sequence[int]) -> float:
    """Seconds in which they make the PDFs of these orders."""
    for order in orders:
        shop.trigger(reference(order), "bill")
    began = time.perf_counter()
    for worker in workers:
        worker.begin()
    assert sum([worker.done() for worker in workers]) == len(orders)
    return time.perf_counter() - began


def _rendered(bares: Sequence[Bare], html: str, papers: int) -> float:
    """Seconds in which they make so many."""
    began = time.perf_counter()
    for _ in range(papers // len(bares)):
        for bare in bares:
            bare.ask(html)
        for bare in bares:
            bare.fetch()
    return time.perf_counter() - began


def _print(shop: Shop, order: int) -> int:
    """Issue, and do one job. Returns how many were done."""
    shop.trigger(reference(order), "bill")
    return run_due_jobs(shop.engine, most=1)


def _html_of(shop: Shop, order: int) -> str:
    with shop.store.reading() as work:
        (paper,) = work.documents.of(order)
        return shop.templates.invoice_html(json.loads(work.documents.snapshot(paper.id)), store=paper.store)


def _compare(database: Path, *, papers: int, like: bytes) -> None:
    """Every invoice has its file, as long as a bare one, give or take its metadata."""
    with closing(sqlite3.connect(database)) as connection:
        sizes = [size for (size,) in connection.execute("SELECT size FROM invoice_file")]
    assert len(sizes) == papers
    assert all(abs(size - len(like)) < len(like) / 20 for size in sizes)

"""From issuing an invoice to its stored PDF, against bare WeasyPrint with the same HTML; and what a second worker adds.

Ours is the whole way: trigger, number, snapshot, job, template, a PDF from the caged child, fsync, archive, finished job. The bare side makes the PDF
and forgets it. A worker is as it is shipped: one PDF child, and two slots, so that one paper is stored while the next one is made.

Per core counts what all processes of a side have computed: how many papers a machine makes whose cores have nothing else to do. By the clock, ours
needs a moment of a second core while the child computes, so it is judged only where two bare processes show that one is free. Two workers are two
processes on one database.

What tags take, by which a paper can be read aloud, is the difference between two kinds of PDF, both written as ours are, on pages that are full.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path
from statistics import median

from pypdf import PdfReader

from benchmarks.bare import Bare
from benchmarks.computing import KNOWN, computed
from benchmarks.figures import Figure, Size, interleave, ratio
from benchmarks.numbers import BILLING
from benchmarks.seeds import reference, seed
from benchmarks.worker import Worker
from oms.bootstrap import Shop, open_shop
from oms.engine.draining import run_due_jobs
from tests.specimens import lines, snapshot_of

LINES = 3
"""Of each invoice."""
A_TURN = 10
"""Papers, at most."""
SLOTS = 2
GAIN = 1.8
"""What two workers must do beside one."""
UNTAGGED = "pdf/a-3b"
MOST_OF_TAGS = 20
"""Milliseconds of a page."""

Pairs = Sequence[tuple[float, float]]
"""Seconds of both sides for each block."""


def measure(folder: Path, size: Size) -> list[Figure]:
    """One worker beside bare WeasyPrint, two workers beside one; what tags take."""
    number = size.papers * size.blocks * 3 + 1
    home = folder / "shop"
    database = seed(home, BILLING, orders=number, items=LINES)
    with ExitStack() as stack:
        shop = stack.enter_context(open_shop(home))
        orders = iter(range(1, number + 1))
        print_one(shop, next(orders))  # the first of each side is not measured
        html = html_of(shop, 1)
        bares = [stack.enter_context(Bare(folder)) for _ in range(2)]
        like, _ = [bare.render(html) for bare in bares]
        by_clock, by_core = _beside_bare(shop, bares, html, orders, size)
        workers = [stack.enter_context(Worker(home)) for _ in range(2)]
        gains, reach = _second_worker(shop, workers, bares, html, orders, size)
        tags = _tags(folder, _full_pages(shop), size)
    _compare(database, papers=number, like=like)
    return [*_figures(by_clock, by_core, gains, reach, papers=size.papers), tags]


def _figures(by_clock: Pairs, by_core: Pairs, gains: Sequence[float], reach: Sequence[float], *, papers: int) -> Iterator[Figure]:
    is_free = median(reach) >= GAIN
    what = "invoice, issue to stored PDF, beside bare WeasyPrint"
    if KNOWN:
        yield ratio(f"{what}: per core", by_core, work=papers, target=0.9)
    yield replace(ratio(f"{what}: one worker, by the clock", by_clock, work=papers, target=0.9), in_reach=is_free)
    beside = f"two bare processes beside one: {median(reach):.1f} x"
    yield Figure(what="two workers beside one", values=tuple(gains), target=GAIN, unit="x", in_reach=is_free, beside=beside)


def _tags(folder: Path, html: str, size: Size) -> Figure:
    """Milliseconds that the tags of a page take."""
    papers = max(size.papers // 2, 1)
    with Bare(folder, finished=True) as tagged, Bare(folder, variant=UNTAGGED, finished=True) as plain:
        readers = [PdfReader(BytesIO(bare.render(html))) for bare in (tagged, plain)]  # the first of each side is not measured
        assert ["/StructTreeRoot" in reader.root_object for reader in readers] == [True, False]
        pairs = interleave(
            size.blocks,
            papers,
            ours=lambda _turn: rendered([tagged], html, 1),
            theirs=lambda _turn: rendered([plain], html, 1),
        )
    pages = papers * len(readers[0].pages)
    each = [(ours / pages * 1000, theirs / pages * 1000) for ours, theirs in pairs]
    return Figure(
        what="tags of a full page, to be read aloud",
        values=tuple(ours - theirs for ours, theirs in each),
        target=MOST_OF_TAGS,
        unit="ms",
        at_most=True,
        beside=f"{median(ours for ours, _ in each):.0f} ms against {median(theirs for _, theirs in each):.0f} ms",
    )


def _full_pages(shop: Shop) -> str:
    """An invoice of forty lines, paid: bare WeasyPrint knows no code to be scanned."""
    snapshot = snapshot_of(lines(40))
    snapshot["totals"]["due_minor"] = 0
    return shop.templates.invoice_html(snapshot, store="main")


def _beside_bare(shop: Shop, bares: Sequence[Bare], html: str, orders: Iterator[int], size: Size) -> tuple[Pairs, Pairs]:
    """By the clock, and computed."""
    a_turn = min(size.papers, A_TURN)
    turns = size.papers // a_turn
    busy = [[0.0, 0.0] for _ in range(size.blocks)]

    def ours() -> None:
        done = list(slots.map(lambda order: print_one(shop, order), islice(orders, a_turn)))
        while sum(done) < a_turn:  # the slots took each other's jobs, and one found none
            done.append(run_due_jobs(shop.engine))

    def theirs() -> None:
        rendered(bares[:1], html, a_turn)

    def turn_of(side: int, work: Callable[[], None]) -> Callable[[int], float]:
        def turn(number: int) -> float:
            before, began = _computed(bares)[side], time.perf_counter()
            work()
            seconds = time.perf_counter() - began
            busy[number // turns][side] += _computed(bares)[side] - before
            return seconds

        return turn

    with ThreadPoolExecutor(SLOTS) as slots:
        by_clock = interleave(size.blocks, turns, ours=turn_of(0, ours), theirs=turn_of(1, theirs))
    return by_clock, [(mine, bare) for mine, bare in busy]


def _computed(bares: Sequence[Bare]) -> tuple[float, float]:
    """Seconds so far: of this process and all that belongs to the shop, and of the bare ones."""
    if not KNOWN:
        return 0, 0
    bare = sum(computed(bare.process) for bare in bares)
    return computed(os.getpid()) - bare, bare


def _second_worker(
    shop: Shop, workers: Sequence[Worker], bares: Sequence[Bare], html: str, orders: Iterator[int], size: Size
) -> tuple[list[float], list[float]]:
    """What the second one gains, of workers and of bare processes."""
    gains, reach = [], []
    for _ in range(size.blocks):
        one, two = (worked(shop, some, list(islice(orders, size.papers))) for some in (workers[:1], workers))
        gains.append(one / two)
        reach.append(rendered(bares[:1], html, size.papers) / rendered(bares, html, size.papers))
    return gains, reach


def worked(shop: Shop, workers: Sequence[Worker], orders: Sequence[int]) -> float:
    """Seconds in which they make the PDFs of these orders."""
    for order in orders:
        shop.trigger(reference(order), "bill")
    began = time.perf_counter()
    for worker in workers:
        worker.begin()
    assert sum([worker.done() for worker in workers]) == len(orders)
    return time.perf_counter() - began


def rendered(bares: Sequence[Bare], html: str, papers: int) -> float:
    """Seconds in which they make so many."""
    began = time.perf_counter()
    for _ in range(papers // len(bares)):
        for bare in bares:
            bare.ask(html)
        for bare in bares:
            bare.fetch()
    return time.perf_counter() - began


def print_one(shop: Shop, order: int) -> int:
    """Issue, and do one job. Returns how many were done."""
    shop.trigger(reference(order), "bill")
    return run_due_jobs(shop.engine, most=1)


def html_of(shop: Shop, order: int) -> str:
    """What stands on the invoice of this order."""
    with shop.store.reading() as work:
        (paper,) = work.documents.of(order)
        return shop.templates.invoice_html(json.loads(work.documents.snapshot(paper.id)), store=paper.store)


def _compare(database: Path, *, papers: int, like: bytes) -> None:
    """Every invoice has its file, as long as a bare one, give or take its metadata and the XML inside."""
    with closing(sqlite3.connect(database)) as connection:
        sizes = [size for (size,) in connection.execute("SELECT size FROM invoice_file WHERE kind = 'pdf'")]
    assert len(sizes) == papers
    assert all(abs(size - len(like)) < len(like) / 5 for size in sizes)

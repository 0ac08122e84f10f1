"""APScheduler ticks, and nothing else of ours loops in the background: every thread, pause and endless loop of the house stands here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.interval import IntervalTrigger

from oms.worker import Worker
from tests.architecture.sources import Source, modules
from tests.builders import open_test_shop

#: what starts threads, waits or comes again by itself, as `library.name`, and where
WAITING = {
    "oms.documents.process": {"threading.Timer"},  # the wall clock's limit for a document
    "oms.documents.validator": {"threading.Timer"},  # the same, for holding it to its rules
    "oms.engine.trying": {"time.sleep"},  # a moment, before a busy database is asked again, four times at most
    "oms.worker": {"threading.Thread", "threading.Event"},  # the thread that ends the scheduler: a signal handler must not wait
    "oms.server": {"threading.Thread"},  # the worker, while the main thread answers requests
    "oms.telemetry": {"threading.Thread"},  # the end waits for a collector so long and no longer; its queue is emptied by OpenTelemetry's own
    "oms.webhooks": {"threading.Timer"},  # the limit for a whole call
    "oms.store.locks": {"threading.Event"},  # whose turn it is to write
}
FORBIDDEN = {"asyncio", "concurrent", "multiprocessing", "sched"}
LOOPERS = {"time.sleep", "threading.Thread", "threading.Timer", "threading.Event", "threading.Condition", "signal.setitimer", "signal.alarm"}
#: the demo's mail server is aiosmtpd's, which is asyncio's; Procrastinate's worker is, too, and runs inside a tick; a body comes in its own time
EXCEPTED = {"oms.api.bodies": {"asyncio"}, "oms.documents.sink": {"asyncio"}, "oms.delivery": {"asyncio", "concurrent"}}

EVERY_MODULE = pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)


def used(module: Source) -> Iterator[str]:
    """`library.name` of everything that is taken from a library."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


@EVERY_MODULE
def test_threads_and_pauses_are_where_they_are_accounted_for(module: Source) -> None:
    assert set(used(module)) & LOOPERS == WAITING.get(module.name, set())


@EVERY_MODULE
def test_no_library_that_loops_is_used_beside_the_scheduler(module: Source) -> None:
    assert {name.split(".")[0] for name in module.imports()} & FORBIDDEN == EXCEPTED.get(module.name, set())


@EVERY_MODULE
def test_no_loop_is_endless_but_the_one_that_runs_a_trigger_again(module: Source) -> None:
    endless = [node for node in ast.walk(module.tree) if isinstance(node, ast.While) and isinstance(node.test, ast.Constant)]
    assert len(endless) == (module.name == "oms.engine.trigger")
    assert all(any(isinstance(node, ast.Return) for node in ast.walk(loop)) for loop in endless)


def test_every_tick_of_the_worker_is_a_job_of_the_scheduler(tmp_path: Path) -> None:
    with open_test_shop(tmp_path) as shop:
        ticker = Worker(shop).ticker
    assert isinstance(ticker, BaseScheduler)
    assert {job.id for job in ticker.get_jobs()} == {
        "timers",
        "looks",
        "inbox",
        "bulk",
        "slot 0",
        "slot 1",
        "leases",
        "sweep",
        "figures",
        *(f"caller {n}" for n in range(4)),
    }
    assert all(isinstance(job.trigger, IntervalTrigger) for job in ticker.get_jobs())

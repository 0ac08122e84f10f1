"""Does all that is due in the calling thread: no worker, no waiting. For tests, the demo, and `oms work --once`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from oms.engine.bulk import run_bulk
from oms.engine.calling import Lines, call_due
from oms.engine.firing import BATCH, fire_timers, look
from oms.engine.inbox import apply_due
from oms.engine.jobs import run_job
from oms.engine.trigger import Engine
from oms.outbox import UNATTENDED

WORKER = "drain"


def drain(engine: Engine, *, rounds: int = 10_000) -> int:
    """Work until nothing is due any more. Returns how much was done.

    Args:
        engine: Whose work.
        rounds: A guard against work that makes work for ever.
    """
    done, lines = 0, Lines()
    for _ in range(rounds):
        step = fire_timers(engine) + look(engine) + apply_due(engine) + run_due_jobs(engine) + run_bulk(engine)
        step = step or call_due(engine, lines)  # last: who doesn't answer keeps nobody else waiting
        if not step:
            break
        done += step
    return done


def ring_for_due_jobs(engine: Engine) -> int:
    """Tell workers that listen of one batch of jobs that nobody took so far (rule 28). Returns of how many."""

    def ring() -> int:
        with engine.store.writing() as work:
            return work.jobs.ring(work.now(), limit=BATCH)

    return engine.transact(ring)


def run_due_jobs(
    engine: Engine, *, worker: str = WORKER, most: int = BATCH, lease: timedelta = UNATTENDED, queues: Collection[str] | None = None
) -> int:
    """One batch of jobs, one after the other. Returns how many were ours; workers that look at once take different ones."""
    with engine.store.reading() as work:
        due = work.jobs.due(work.now(), limit=BATCH, queues=queues)
    done = 0
    for job in due:
        done += run_job(engine, job, worker=worker, lease=lease)
        if done == most:
            break
    return done

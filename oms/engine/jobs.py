"""Keeps promises: claim, effect, finish, failure (*Jobs* in the rules). The job's row is the truth; whoever calls only says when."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import timedelta

from oms.engine.context import JobContext
from oms.engine.failing import Failure, failure_of
from oms.engine.request import Part, Request
from oms.engine.trigger import Engine, finish
from oms.errors import LaneDown, OmsError, Permanent
from oms.failpoints import reach
from oms.outbox import ALERT, COMMANDS, JOBS, LEASE, MAILS, Job, JobStatus, Policy, doubling, jittered
from oms.ports.records import OrderHead
from oms.ports.store import UnitOfWork

log = logging.getLogger(__name__)

LANE_PAUSE = timedelta(minutes=5)
"""Between two probes of a mail server that takes nothing from us (rule 16)."""


class _Lost(OmsError):
    """Another worker has claimed the job since: roll back (the fence)."""


def run_job(engine: Engine, job_id: str, *, worker: str) -> bool:
    """Do one job, if nobody else has it. Returns whether it was ours."""
    now = engine.clock()

    def claim() -> Job | None:
        with engine.store.writing() as work:
            return work.jobs.claim(job_id, worker=worker, now=now, lease_until=now + LEASE)

    job = engine.persist(claim)
    if job is None:
        return False
    reach("job.after_claim")
    try:
        _keep(engine, job)
    except _Lost:
        log.warning("job %s (%s) was taken over by another worker", job.id, job.name)
    return True


def _keep(engine: Engine, job: Job) -> None:
    tries = _policy(engine, job)
    if job.attempts > tries.attempts:
        engine.persist(lambda: _give_up(engine, job, Failure("the process died during each try", permanent=True)))
        return
    try:
        result = job.result if job.result is not None else _effect(engine, job)
    except LaneDown as error:
        sentence = str(error)
        engine.persist(lambda: _stop_lane(engine, job, sentence))
        return
    except Exception as error:  # a job of a shop may raise anything; it concerns this job alone
        failure = failure_of(error)
        if isinstance(error, OmsError):
            log.info("job %s (%s) failed: %s", job.id, job.name, failure.sentence)
        else:
            log.exception("job %s (%s) failed", job.id, job.name)
        pause = None if failure.permanent else tries.pause(job.attempts)
        if pause is None:
            engine.persist(lambda: _give_up(engine, job, failure))
        else:
            engine.persist(lambda: _later(engine, job, failure, pause))
        return
    reach("job.after_effect")
    engine.persist(lambda: _finish(engine, job, result))
    engine.wake()


def _effect(engine: Engine, job: Job) -> str:
    """What leaves the house. Returns the result as JSON text."""
    word = engine.tables.jobs.get(job.name)
    if word is None:
        raise Permanent(f'The job "{job.name}" is missing from this installation: name the module that has it in [extensions].')
    context = JobContext(
        job=job,
        store=engine.store,
        clock=engine.clock,
        profile=engine.profile,
        tools=engine.tools,
        trigger=engine.trigger,
        facts_of=engine.facts,
    )
    return json.dumps(dict(word.run(context, **job.arguments) or {}), ensure_ascii=False)


def _policy(engine: Engine, job: Job) -> Policy:
    """The state's `retry`, else that of the job's kind; an event that follows is repeated as any hop."""
    if job.result is not None:
        return COMMANDS
    if job.state is not None and job.order is not None:
        with engine.store.reading() as work:
            retry = engine.processes.get(work, work.orders.lock_id(job.order).version).process.states[job.state].retry
        if retry is not None:
            return doubling(retry.attempts, first=retry.delay)
    word = engine.tables.jobs.get(job.name)
    return MAILS if word is not None and word.policy == "mail" else JOBS


def _lock(work: UnitOfWork, job: Job) -> OrderHead | None:
    """Always the order before the job's row (rule 26)."""
    return work.orders.lock_id(job.order) if job.order is not None else None


def _finish(engine: Engine, job: Job, result: str) -> None:
    with engine.store.writing() as work:
        head = _lock(work, job)
        if not work.jobs.settle(job, status=JobStatus.DONE, result=result, attempts=job.attempts):
            raise _Lost
        if head is not None and job.then is not None:
            failure = _follow(engine, work, head, job, job.then, json.loads(result))
            if failure is not None:
                _land(engine, work, head, job, failure)
        reach("job.before_commit")


def _land(engine: Engine, work: UnitOfWork, head: OrderHead, job: Job, failure: Failure) -> None:
    """The event that follows failed: it is repeated, never the effect."""
    attempts = job.attempts if job.result is not None else 1
    pause = None if failure.permanent else COMMANDS.pause(attempts)
    if pause is None:
        text = f'"{job.name}" is done, but "{job.then}" failed for good: {failure.sentence}'
        _incident(engine, work, head, job, "effect without followers", text)
    else:
        work.jobs.land(job.id, next_at=engine.clock() + jittered(pause), error=failure.sentence, attempts=attempts)


def _later(engine: Engine, job: Job, failure: Failure, pause: timedelta) -> None:
    with engine.store.writing() as work:
        _lock(work, job)
        next_at = engine.clock() + jittered(pause)
        if not work.jobs.settle(job, status=JobStatus.TODO, next_at=next_at, error=failure.sentence):
            raise _Lost


def _give_up(engine: Engine, job: Job, failure: Failure) -> None:
    """Dead: the items of the stay take `on_error`; without one somebody has to look at it."""
    with engine.store.writing() as work:
        head = _lock(work, job)
        if not work.jobs.settle(job, status=JobStatus.DEAD, error=failure.sentence, result=job.result):
            raise _Lost
        if head is not None and job.on_error is not None and job.result is None:
            after = _follow(engine, work, head, job, job.on_error, {"error": failure.sentence})
            if after is not None:
                text = f'"{job.name}" failed: {failure.sentence} Then "{job.on_error}" failed: {after.sentence}'
                _incident(engine, work, head, job, "job died", text)
        else:
            kind = "job died" if job.result is None else "effect without followers"
            _incident(engine, work, head, job, kind, f'"{job.name}" is given up after {job.attempts} tries: {failure.sentence}')
    engine.wake()


def _stop_lane(engine: Engine, job: Job, sentence: str) -> None:
    """No server takes our mail: all mails wait for the next probe, none loses an attempt (rule 16)."""
    now = engine.clock()
    with engine.store.writing() as work:
        _lock(work, job)
        if not work.jobs.settle(job, status=JobStatus.TODO, next_at=now + LANE_PAUSE, error=sentence, attempts=job.attempts - 1):
            raise _Lost
        work.jobs.postpone(job.name, until=now + LANE_PAUSE)
        work.incidents.open("mail lane down", "mail", text=sentence, at=now)


def _follow(engine: Engine, work: UnitOfWork, head: OrderHead, job: Job, event: str, payload: Mapping[str, object]) -> Failure | None:
    """Let an event happen to the items of the job, in the job's own transaction. Returns why it failed, if it did."""
    request = Request(event=event, key=f"job:{job.id}:{job.claims}", actor=f"job:{job.name}", cause=f"job:{job.id}", payload=payload, by="job")
    run = engine.begin(work, head, request)
    run.kept = True  # the job's end stands whatever its event does
    process = run.loaded.process
    stays = dict(job.items)
    parts = [Part(item) for item in run.items.values() if item.id in stays and event in process.ways_out[item.state]]
    lost = [item for item in run.items.values() if item.id in stays and event not in process.ways_out[item.state]]
    run.go(parts)
    stayed = [part.item for part in parts if run.results[part.item.id].outcome == "stayed"]
    finish(run)
    if lost or stayed:
        where = ", ".join(f'{item.label} in "{item.state}"' for item in (*lost, *stayed))
        _incident(engine, work, run.head, job, "effect without followers", f'"{job.name}" ended, but "{event}" leads nowhere for item {where}.')
    failed = next((result.error for result in run.results.values() if result.outcome == "failed"), None)
    return Failure(failed, permanent=False) if failed else None


def _incident(engine: Engine, work: UnitOfWork, head: OrderHead | None, job: Job, kind: str, text: str) -> None:
    kind = "alert" if job.name == ALERT else kind  # nobody is told that telling failed
    work.incidents.open(kind, f"job:{job.id}", text=text, at=engine.clock(), order=job.order)
    if head is not None:
        work.orders.mark(head.id, attention=True)

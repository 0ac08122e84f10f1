"""Keeps promises: claim, effect, finish, failure (*Jobs* in the rules). The job's row is the truth; whoever calls only says when."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from oms.engine.context import JobContext
from oms.engine.counting import JOB_SECONDS
from oms.engine.failing import Failure, failure_of, missing_here
from oms.engine.landing import DIED, End, Lost, bury, done, given_up, land, landing, lock
from oms.engine.noting import as_said
from oms.engine.trigger import Engine
from oms.engine.unmade import report_unmade
from oms.errors import InTheMaking, LaneDown, OmsError, Paced, RenderFailed, StoreUnavailable, Temporary
from oms.failpoints import reach
from oms.outbox import CAP, JOBS, LANE, LANE_DOWN, LANE_PAUSE, MAILS, UNATTENDED, Job, JobStatus, Policy, jittered
from oms.tracing import Fact, Kind, fail, following, note, span

log = logging.getLogger(__name__)

_NEXT_TURN = timedelta(seconds=3)
"""After which it is looked whether a paper that was in the making is there."""


def run_job(engine: Engine, job_id: str, *, worker: str, lease: timedelta = UNATTENDED, by_hand: bool = False) -> bool:
    """Do one job, if nobody else has it. Returns whether it was ours.

    Args:
        engine: Whose work.
        job_id: Which.
        worker: Who does it.
        lease: How long it is this worker's; a short one must be renewed meanwhile.
        by_hand: A person wants it now: a mail server that took nothing of late is tried.
    """

    def claim() -> Job | None:
        with engine.store.writing() as work:
            now = work.now()
            return work.jobs.claim(job_id, worker=worker, now=now, lease_until=now + lease, by_hand=by_hand)

    job = engine.transact(claim)
    if job is None:
        return False
    reach("job.after_claim")
    facts: dict[str, Fact] = {"oms.job.name": job.name, "oms.job.id": job.id, "oms.job.attempt": job.attempts}
    with (
        following(request_id=job.request_id, traceparent=job.traceparent, job=job.id, job_name=job.name, order_id=job.order),
        span(f"job {job.name}", facts, kind=Kind.KEEPING),
    ):
        _guarded(engine, job)
    return True


def _guarded(engine: Engine, job: Job) -> None:
    try:
        _keep(engine, job)
    except Lost:
        log.warning("job %s (%s) was taken over by another worker", job.id, job.name)
    except StoreUnavailable:
        raise
    except Exception as error:  # whatever it is, it concerns this job: its lease ends, and it is tried again
        fail(error)
        log.exception("job %s (%s) could not be ended", job.id, job.name)


def _keep(engine: Engine, job: Job) -> None:
    tries, end = _policy(engine, job), landing(job)
    if job.attempts > tries.attempts:
        if end is None:
            land(engine, job, given_up(job, DIED))
        else:
            bury(engine, job, end, DIED)
        return
    if end is None:
        end = _try(engine, job, tries)
    if end is not None:
        land(engine, job, end)


def _try(engine: Engine, job: Job, tries: Policy) -> End | None:
    """Do what leaves the house. None: it is tried again later."""
    began = time.monotonic()
    outcome, end = _tried(engine, job, tries)
    seconds = time.monotonic() - began
    engine.tally.observe(JOB_SECONDS, seconds, job=job.name, outcome=outcome)
    note({"oms.job.outcome": outcome})
    log.info("job %s: %s", job.name, outcome, extra={"attempt": job.attempts, "milliseconds": round(seconds * 1000)})
    return end


def _tried(engine: Engine, job: Job, tries: Policy) -> tuple[str, End | None]:
    """What came of it, in a word."""
    try:
        result = _effect(engine, job)
    except LaneDown as error:
        fail(error)
        sentence = failure_of(error).sentence
        engine.persist(lambda: _stop_lane(engine, job, sentence))
        return "lane down", None
    except InTheMaking:
        engine.persist(lambda: _give_back(engine, job))
        return "in the making", None
    except Paced as paced:
        engine.persist(partial(_wait_turn, engine, job, paced))
        return "paced", None
    except (Exception, SystemExit) as error:  # a job of a shop may raise anything; it concerns this job alone
        fail(error)
        failure = failure_of(error)
        if isinstance(error, OmsError | OSError):  # it says what is wrong outside; where in our code is nobody's concern
            log.info("job %s (%s) failed: %s", job.id, job.name, failure.sentence)
        else:
            log.exception("job %s (%s) failed", job.id, job.name)
        pause = None if failure.permanent else tries.pause(job.attempts)
        if pause is None:
            return "given up", given_up(job, failure)
        pause, unmade = max(pause, _asked_for(error)), error if isinstance(error, RenderFailed) else None
        engine.persist(partial(_later, engine, job, failure, pause, unmade=unmade))
        return "failed", None
    reach("job.after_effect")
    return "done", done(job, result)


def _asked_for(error: BaseException) -> timedelta:
    """So long somebody outside wants to be left alone, an hour at most."""
    return min(error.wait, CAP) if isinstance(error, Temporary) else timedelta()


def _effect(engine: Engine, job: Job) -> str:
    """What leaves the house. Returns the result as JSON text."""
    word = engine.tables.jobs.get(job.name)
    if word is None:
        raise missing_here("The job", job.name)
    context = JobContext(
        job=job,
        store=engine.store,
        profile=engine.profile,
        tools=engine.tools,
        trigger=engine.trigger,
        facts_of=engine.facts,
        persist=engine.persist,
        listeners=engine.tables.listeners,
        tally=engine.tally,
    )
    return _kept(job, word.run(context, **job.arguments))


def _kept(job: Job, brought: Mapping[str, object] | None) -> str:
    """What a handler returned, as JSON text; if it is none, a sentence instead: the effect has happened and must not be repeated."""
    try:
        text = json.dumps(dict(brought or {}), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        sentence = f'"{job.name}" is done, but what it returned is no JSON: {failure_of(error).sentence}'
        log.warning("job %s: %s", job.id, sentence)
        return json.dumps({"error": sentence}, ensure_ascii=False)
    return text


def _policy(engine: Engine, job: Job) -> Policy:
    """That of the event that follows, once it is all that is left to do; else what the state says, or the job's kind."""
    if job.state is not None and job.order is not None:
        with engine.store.reading() as work:
            process = engine.processes.get(work, work.orders.get(job.order).version).process
        event = job.then or job.on_error
        if job.result is not None and event is not None:
            return as_said(process.events[event])
        if process.states[job.state].retry is not None:
            return as_said(process.states[job.state])
    word = engine.tables.jobs.get(job.name)
    return MAILS if word is not None and word.policy == "mail" else JOBS


def _later(engine: Engine, job: Job, failure: Failure, pause: timedelta, *, unmade: RenderFailed | None) -> None:
    """It is tried again by itself."""
    with engine.store.writing() as work:
        head = lock(work, job)
        now = work.now()
        if not work.jobs.settle(job, status=JobStatus.TODO, next_at=now + jittered(pause), error=failure.sentence):
            raise Lost
        if unmade is not None and head is not None:
            report_unmade(work, head, job, unmade, at=now, sentence=failure.sentence)


def _stop_lane(engine: Engine, job: Job, sentence: str) -> None:
    """No server takes our mail: all mails wait for the next probe, none loses an attempt (rule 16)."""
    with engine.store.writing() as work:
        lock(work, job)
        now = work.now()
        if not work.jobs.settle(job, status=JobStatus.TODO, next_at=now + LANE_PAUSE, error=sentence, attempts=job.attempts - 1):
            raise Lost
        lane = job.lane or LANE
        work.jobs.postpone(lane, until=now + LANE_PAUSE)
        work.incidents.open(LANE_DOWN, lane, text=sentence, at=now)


def _give_back(engine: Engine, job: Job) -> None:
    """It comes again soon, and loses no attempt; its slot is free for others."""
    with engine.store.writing() as work:
        lock(work, job)
        if not work.jobs.settle(job, status=JobStatus.TODO, next_at=work.now() + _NEXT_TURN, error=job.error, attempts=job.attempts - 1):
            raise Lost


def _wait_turn(engine: Engine, job: Job, paced: Paced) -> None:
    """The server was offered all that it takes this minute: this mail and all behind it wait, none loses an attempt."""
    with engine.store.writing() as work:
        lock(work, job)
        if not work.jobs.settle(job, status=JobStatus.TODO, next_at=paced.until, error=job.error, attempts=job.attempts - 1):
            raise Lost
        work.jobs.postpone(job.lane or LANE, until=paced.until)

"""How a job ends: the event that follows happens in the transaction that settles the job, and only that is repeated if it fails."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from oms.engine.counting import happened
from oms.engine.failing import Failure, closed, failure_of
from oms.engine.mailing import give_up_mail
from oms.engine.noting import as_said
from oms.engine.request import Part, Request
from oms.engine.run import Run
from oms.engine.trigger import Engine, finish
from oms.engine.unmade import close_unmade
from oms.errors import StoreUnavailable
from oms.failpoints import reach
from oms.outbox import ALERTS, COMMANDS, DELIVER, Job, JobStatus, Policy, jittered
from oms.ports.records import OrderHead
from oms.ports.store import UnitOfWork
from oms.tracing import following, span

log = logging.getLogger(__name__)

DIED = Failure("the process died during each try", permanent=True)

JOB_DIED = "job died"
"""The incident that is open as long as a job was given up and nothing followed."""
WITHOUT_FOLLOWERS = "effect without followers"
"""The incident about something that happened outside, and nothing of the order followed it."""


class Lost(Exception):
    """Another worker has claimed the job since: roll back (the fence)."""


@dataclass(frozen=True, slots=True)
class End:
    """The effect is done, or given up."""

    status: JobStatus  #: `DONE` or `DEAD`
    event: str | None  #: that follows
    payload: Mapping[str, object]

    @property
    def text(self) -> str:
        """The payload as it is kept while the event has to be repeated."""
        return json.dumps(dict(self.payload), ensure_ascii=False)


def done(job: Job, result: str) -> End:
    """`then` follows, with what the effect brought."""
    return End(JobStatus.DONE, job.then, json.loads(result))


def given_up(job: Job, failure: Failure) -> End:
    """`on_error` follows."""
    return End(JobStatus.DEAD, job.on_error, {"error": failure.sentence})


def landing(job: Job) -> End | None:
    """The end of a job whose effect needs no further try. One that was given up has lost its `then`."""
    if job.result is None:
        return None
    is_given_up = job.then is None and job.on_error is not None
    return End(JobStatus.DEAD, job.on_error, json.loads(job.result)) if is_given_up else done(job, job.result)


def land(engine: Engine, job: Job, end: End) -> None:
    """Settle the job, and let its event happen to the items of its stay.

    Raises:
        Lost: another worker has it.
        StoreUnavailable: nothing was changed; the lease runs out and somebody tries again.
    """
    try:
        run = engine.persist(lambda: _end(engine, job, end))
        if run is not None:
            happened(engine, run)
    except Lost:
        raise
    except StoreUnavailable as error:  # whatever it was, the effect must not be repeated for it
        sentence = str(error)
        engine.persist(lambda: _keep_result(engine, job, end, sentence))
    except Exception as error:  # an endless chain, say: the effect must not be repeated for it
        log.exception("what follows job %s (%s) failed", job.id, job.name)
        bury(engine, job, end, failure_of(error))
    engine.wake()


def _keep_result(engine: Engine, job: Job, end: End, error: str) -> None:
    """What the effect brought is kept; the event that follows is tried again later."""
    with engine.store.writing() as work:
        head = lock(work, job)
        settle(work, job, end)
        if head is None or end.event is None:
            return
        attempts = job.attempts if job.result is not None else 1
        pause = COMMANDS.pause(attempts)
        if pause is None:
            _incident(work, job, _kind(end), _buried(job, end, Failure(error, permanent=False)))
        next_at = work.now() + jittered(pause) if pause else None
        work.jobs.land(job.id, next_at=next_at, error=error, attempts=attempts, result=end.text, then=_then(job, end))


def bury(engine: Engine, job: Job, end: End, failure: Failure) -> None:
    """Nothing follows until somebody asks for it."""

    def give_up() -> None:
        with engine.store.writing() as work:
            head = lock(work, job)
            settle(work, job, end)
            _incident(work, job, _kind(end), _buried(job, end, failure))
            if head is not None:
                work.jobs.land(job.id, next_at=None, error=failure.sentence, attempts=job.attempts, result=end.text, then=_then(job, end))

    engine.persist(give_up)


def lock(work: UnitOfWork, job: Job) -> OrderHead | None:
    """Always the order before the job's row (rule 26)."""
    return work.orders.lock_id(job.order) if job.order is not None else None


def settle(work: UnitOfWork, job: Job, end: End) -> None:
    """Settle the job as ended, if it is still ours.

    Raises:
        Lost: it isn't.
    """
    is_done = end.status is JobStatus.DONE
    result, error = (end.text, None) if is_done else (None, str(end.payload["error"]))
    if not work.jobs.settle(job, status=end.status, result=result, error=error):
        raise Lost


def _end(engine: Engine, job: Job, end: End) -> Run | None:
    run = None
    with engine.store.writing() as work:
        head = lock(work, job)
        settle(work, job, end)
        if head is not None:
            head = close_unmade(work, head, job, at=work.now())
        if head is not None and end.event is not None:
            with following(order=head.reference, process_event=end.event), span("trigger"):
                run = _follow(engine, work, head, job, end, end.event)
        if head is not None:
            work.looks.wake(head.id, at=max(work.now(), head.last_at))  # a way may have opened: the invoice is sent, say
        if end.event is None and end.status is JobStatus.DEAD:
            _die(engine, work, job, end, head)
        reach("job.before_commit")
    return run


def _follow(engine: Engine, work: UnitOfWork, head: OrderHead, job: Job, end: End, event: str) -> Run:
    """Let the event happen to the items of the job, in the job's own transaction; wherever they stand, if they have it there (rule 27)."""
    request = Request(event=event, key=f"job:{job.id}:{job.claims}", actor=f"job:{job.name}", cause=f"job:{job.id}", payload=end.payload, by="job")
    run = engine.begin(work, head, request)
    run.kept = True  # the job's end stands whatever its event does
    ways_out, stays = run.loaded.process.ways_out, dict(job.items)
    mine = [item for item in run.items.values() if item.id in stays]
    run.go([Part(item) for item in mine if event in ways_out[item.state]])
    failed = {item: run.failed[item] for item, result in run.results.items() if result.outcome == "failed"}
    stranded = [item for item in mine if item.id not in run.results or run.results[item.id].outcome == "stayed"]
    finish(run)
    if stranded:
        where = ", ".join(f'{item.label} in "{item.state}"' for item in stranded)
        text = f'"{job.name}" ended, but "{event}" leads nowhere for item {where}. It brought: {end.text}'
        _incident(work, job, WITHOUT_FOLLOWERS, text)
    if failed:
        _again(work, job, end, failed, as_said(run.loaded.process.events[event]))
    return run


def _again(work: UnitOfWork, job: Job, end: End, failed: Mapping[int, Failure], tries: Policy) -> None:
    """The event is repeated for the items whose hop failed."""
    attempts = job.attempts if job.result is not None else 1
    failure = next((each for each in failed.values() if each.permanent), next(iter(failed.values())))
    pause = None if failure.permanent else tries.pause(attempts)
    if pause is None:
        _incident(work, job, _kind(end), _buried(job, end, failure))
    work.jobs.land(
        job.id,
        next_at=work.now() + jittered(pause) if pause else None,
        error=failure.sentence,
        attempts=attempts,
        result=end.text,
        then=_then(job, end),
        items=[stay for stay in job.items if stay[0] in failed],
    )


def _then(job: Job, end: End) -> str | None:
    return job.then if end.status is JobStatus.DONE else None


def _kind(end: End) -> str:
    return WITHOUT_FOLLOWERS if end.status is JobStatus.DONE else JOB_DIED


def _die(engine: Engine, work: UnitOfWork, job: Job, end: End, head: OrderHead | None) -> None:
    """Somebody has to know; of a mail it is known who doesn't get it."""
    message = job.arguments.get("message")
    if job.name == DELIVER and isinstance(message, int):
        give_up_mail(work, message, str(end.payload["error"]), at=work.now(), listeners=engine.tables.listeners, hop=job.hop)
    else:
        _incident(work, job, JOB_DIED, _died(job, end, head))


def _died(job: Job, end: End, head: OrderHead | None) -> str:
    """What happened, and the ways out: a job that a state waits for may also be skipped (rule 29)."""
    tries = "1 try" if job.attempts == 1 else f"{job.attempts} tries"
    text = closed(f'"{job.name}" is given up after {tries}: {end.payload["error"]}')
    if head is not None:
        text += f" Mend that, then: oms order retry {head.reference}."
    if head is not None and job.then is not None:
        text += f' If it was settled elsewhere: oms order skip {head.reference} --reason "…".'
    return text


def _buried(job: Job, end: End, failure: Failure) -> str:
    if end.status is JobStatus.DONE:
        return f'"{job.name}" is done, but "{end.event}" failed: {failure.sentence} Mend that, then: oms order retry. It brought: {end.text}'
    return f'"{job.name}" failed: {end.payload["error"]} Then "{end.event}" failed: {failure.sentence} Mend that, then: oms order retry.'


def _incident(work: UnitOfWork, job: Job, kind: str, text: str) -> None:
    kind = "alert" if job.name in ALERTS else kind  # nobody is told that telling failed
    work.incidents.open(kind, f"job:{job.id}", text=text, at=work.now(), order=job.order)
    if job.order is not None:
        work.orders.mark(job.order, attention=True)

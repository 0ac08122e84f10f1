"""The job of a stay: ordered when items enter, dropped when they leave (rules 25 and 27)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from oms.engine.failing import missing_here
from oms.outbox import Job, JobStatus
from oms.ports.records import Item
from oms.process.model import State
from oms.tracing import request_id, traceparent

if TYPE_CHECKING:
    from oms.engine.run import Run


def order_job(run: Run, state: State, items: Sequence[Item]) -> None:
    """One job for the order and state (rule 25)."""
    call = state.run
    word = run.tables.jobs.get(call.name) if call else None
    if call is None or word is None:
        raise missing_here("The job", call.name if call else "")
    job = Job(
        id=uuid.uuid4().hex,
        name=call.name,
        order=run.head.id,
        hop=f"{run.record()}:{run.hops}",
        state=state.name,
        items=tuple((item.id, item.moves) for item in items),
        then=state.then,
        on_error=state.on_error,
        arguments=dict(call.arguments),
        next_at=run.now,
        created_at=run.now,
        request_id=request_id(),
        traceparent=traceparent(),
    )
    if word.freeze is not None:
        context = run.context(event=None, source=None, target=state.name)
        job = replace(job, arguments={**job.arguments, **word.freeze(items, context, job.id)})
    run.work.jobs.add(job)
    run.forget()


def leave_jobs(run: Run, leaving: Sequence[Item]) -> None:
    """Once nobody of a stay is left, its job is dropped if it has not begun, and needs no attention any more if it was dead."""
    gone = {(item.id, item.moves) for item in leaving}
    for job in run.work.jobs.of(run.head.id):
        still_there = {stay for stay in job.items if (item := run.items.get(stay[0])) and item.moves == stay[1]}
        if job.state != leaving[0].state or not still_there or not still_there <= gone:
            continue
        if job.status is JobStatus.DEAD:
            run.work.incidents.close("job died", f"job:{job.id}", by=run.request.actor, at=run.now)
        elif job.status in {JobStatus.TODO, JobStatus.LANDING}:
            _drop(run, job)


def _drop(run: Run, job: Job) -> None:
    run.work.jobs.drop([job.id])
    if job.result is not None:
        text = f'The items of "{job.name}" left "{job.state}" before anything followed it. It brought: {job.result}'
        run.incident("effect without followers", f"job:{job.id}", text)
    elif job.attempts:
        text = f'"{job.name}" was tried {job.attempts} times when its items left "{job.state}"; its effect is unknown: {job.error}'
        run.incident("outcome unknown", f"job:{job.id}", text)

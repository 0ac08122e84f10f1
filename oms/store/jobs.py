"""The outbox: promises, and who is keeping them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, insert, select, update

from oms.errors import NotFound
from oms.outbox import LANE_PAUSE, QUEUES, REST, RING_AGAIN, Job, JobStatus
from oms.store.access import Access
from oms.store.rings import Rings
from oms.store.turns import DUE, JOBS, MY_TURN, QUEUE_UP, READY, UNHEARD
from oms.store.wire import Wire

JOB_COLUMNS = tuple(JOBS.c[name] for name in Job.__slots__)

_ADD = insert(JOBS)
JOBS_OF = select(*JOB_COLUMNS).where(JOBS.c.order == bindparam("wanted")).order_by(JOBS.c.created_at, JOBS.c.id)
_UNFINISHED = JOBS_OF.where(JOBS.c.status.in_(("todo", "running", "landing")))
_GET = select(*JOB_COLUMNS).where(JOBS.c.id == bindparam("wanted"))
_RING = update(JOBS).where(JOBS.c.id.in_(UNHEARD.correlate(None))).values(rung_at=bindparam("at")).returning(JOBS.c.id, JOBS.c.name)
_TAKE = (
    update(JOBS)
    .values(status="running", claims=JOBS.c.claims + 1, attempts=JOBS.c.attempts + 1, lease_until=bindparam("until"), worker=bindparam("me"))
    .returning(*JOB_COLUMNS)
)
_CLAIM, _CLAIM_BY_HAND = (_TAKE.where(JOBS.c.id.in_(waits.correlate(None))) for waits in (MY_TURN, READY))
"""Who waited for a row that another worker claims would find nothing to do: it is skipped."""
_RENEW = update(JOBS).where(JOBS.c.status == "running", JOBS.c.worker == bindparam("me")).values(lease_until=bindparam("until"))
_SETTLE = (
    update(JOBS)
    .where(JOBS.c.id == bindparam("wanted"), JOBS.c.status == "running", JOBS.c.claims == bindparam("mine"))
    .values(
        status=bindparam("now_is"),
        next_at=bindparam("again"),
        result=bindparam("brought"),
        error=bindparam("why"),
        attempts=bindparam("tried"),
        lease_until=None,
        worker=None,
    )
)
_LAND = (
    update(JOBS)
    .where(JOBS.c.id == bindparam("wanted"))
    .values(
        status=bindparam("now_is"),
        next_at=bindparam("again"),
        error=bindparam("why"),
        attempts=bindparam("tried"),
        result=bindparam("brought"),
        then=bindparam("follows"),
    )
    .returning(JOBS.c.order)
)
_KEEP = update(JOBS).where(JOBS.c.id == bindparam("wanted")).values({"items": bindparam("stays")})
_POSTPONE = (
    update(JOBS)
    .where(JOBS.c.lane == bindparam("waiting"), JOBS.c.status == "todo", JOBS.c.next_at < bindparam("until"))
    .values(next_at=bindparam("until"))
)
_DROP = update(JOBS).where(JOBS.c.id.in_(bindparam("ids", expanding=True))).values(status="dropped", next_at=None).returning(JOBS.c.order)
_PASS_OVER = (
    update(JOBS)
    .where(JOBS.c.id == bindparam("wanted"), JOBS.c.status == "dead")
    .values(status="done", result='{"skipped": true}')
    .returning(JOBS.c.order)
)
_REVIVE = (
    update(JOBS)
    .where(JOBS.c.id == bindparam("wanted"), JOBS.c.status != "running")
    .values(status="todo", next_at=bindparam("at"), attempts=0, error=None, result=case((JOBS.c.status == "done", None), else_=JOBS.c.result))
    .returning(JOBS.c.name, JOBS.c.order)
)


class Jobs(Access):
    """`oms.ports.work.Jobs` on SQL."""

    __slots__ = ("_rings",)

    def __init__(self, wire: Wire, rings: Rings) -> None:
        super().__init__(wire)
        self._rings = rings

    def add(self, job: Job) -> None:
        """Promise."""
        values: dict[str, Any] = {
            "id": job.id,
            "name": job.name,
            "order": job.order,
            "hop": job.hop,
            "state": job.state,
            "items": json.dumps(job.items),
            "then": job.then,
            "on_error": job.on_error,
            "arguments": json.dumps(dict(job.arguments), ensure_ascii=False, allow_nan=False),
            "status": str(job.status),
            "attempts": 0,
            "claims": 0,
            "next_at": job.next_at,
            "lease_until": None,
            "worker": None,
            "result": None,
            "error": None,
            "rung_at": job.next_at if self._rings.are_heard else None,
            "created_at": job.created_at,
            "lane": job.lane,
            "request_id": job.request_id,
            "traceparent": job.traceparent,
        }
        values["arguments"].encode()  # what no database takes fails here, in the hop that it came from
        self._run_later(_ADD, values)
        self._rings.add(job.id, job.name)

    def of(self, order: int) -> list[Job]:
        """All jobs of an order, oldest first."""
        return [_job(row) for row in self._all(JOBS_OF, {"wanted": order})]

    def unfinished(self, order: int) -> list[Job]:
        """Those that are neither done nor dead nor dropped."""
        return [_job(row) for row in self._all(_UNFINISHED, {"wanted": order})]

    def get(self, job: str) -> Job:
        """One job."""
        row = self._first(_GET, {"wanted": job})
        if row is None:
            raise NotFound(f"There is no job {job[:80]!r}.")
        return _job(row)

    def due(self, now: datetime, *, limit: int, queues: Collection[str] | None = None) -> list[str]:
        """Ids of jobs that wait for a worker."""
        wanted: dict[str, Any] = {"now": now, "soon": now + LANE_PAUSE, "most": limit}
        if queues is None:
            return [row.id for row in self._all(DUE[None], wanted)]
        named = REST not in queues
        names = [name for queue, its in QUEUES.items() if (queue in queues) is named for name in its]
        return [row.id for row in self._all(DUE[named], {**wanted, "names": names})]

    def ring(self, now: datetime, *, limit: int) -> int:
        """Ring for what is due and was not rung for of late."""
        wanted = {"now": now, "soon": now + LANE_PAUSE, "most": limit, "before": now - RING_AGAIN, "at": now}
        rung = self._all(_RING, wanted)
        for row in rung:
            self._rings.add(row.id, row.name)
        return len(rung)

    def claim(self, job: str, *, worker: str, now: datetime, lease_until: datetime, by_hand: bool = False) -> Job | None:
        """Take it, count the attempt."""
        wanted = {"wanted": job, "me": worker, "now": now, "until": lease_until}
        if by_hand:
            row = self._first(_CLAIM_BY_HAND, wanted)
        else:
            self._first(QUEUE_UP, {"wanted": job})
            row = self._first(_CLAIM, {**wanted, "soon": now + LANE_PAUSE})
        return _job(row) if row else None

    def renew(self, worker: str, *, lease_until: datetime) -> int:
        """Keep everything this worker is running."""
        return self._run(_RENEW, {"me": worker, "until": lease_until}).rowcount

    def settle(
        self,
        job: Job,
        *,
        status: JobStatus,
        next_at: datetime | None = None,
        result: str | None = None,
        error: str | None = None,
        attempts: int | None = None,
    ) -> bool:
        """Say what came of a claim."""
        values = {
            "wanted": job.id,
            "mine": job.claims,
            "now_is": str(status),
            "again": next_at,
            "brought": result,
            "why": error,
            "tried": job.attempts if attempts is None else attempts,
        }
        if job.result is not None or status not in {JobStatus.TODO, JobStatus.DONE}:
            self._may_have_given_up([job.order])
        return self._run(_SETTLE, values).rowcount == 1

    def land(
        self,
        job: str,
        *,
        next_at: datetime | None,
        error: str,
        attempts: int,
        result: str,
        then: str | None,
        items: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        """Only the event that follows is tried again."""
        status = JobStatus.DEAD if next_at is None else JobStatus.LANDING
        values = {"now_is": str(status), "again": next_at, "why": error, "tried": attempts, "brought": result, "follows": then}
        self._may_have_given_up([row.order for row in self._all(_LAND, {"wanted": job, **values})])
        if items is not None:
            self._run(_KEEP, {"wanted": job, "stays": json.dumps(items)})

    def postpone(self, lane: str, *, until: datetime) -> None:
        """Let all jobs that need this mail server wait at least that long."""
        self._run(_POSTPONE, {"waiting": lane, "until": until})

    def drop(self, jobs: Sequence[str]) -> None:
        """Their items left."""
        self._may_have_given_up([row.order for row in self._all(_DROP, {"ids": list(jobs)})])

    def pass_over(self, job: str) -> None:
        """A dead job counts as done: somebody says so (rule 29)."""
        self._may_have_given_up([row.order for row in self._all(_PASS_OVER, {"wanted": job})])

    def revive(self, job: str, *, at: datetime) -> bool:
        """Try a job again, as if for the first time. What is done is done anew; what is done but for its end is only ended."""
        revived = self._first(_REVIVE, {"wanted": job, "at": at})
        if revived is not None:
            self._rings.add(job, revived.name)
            self._may_have_given_up([revived.order])
        return revived is not None

    def _may_have_given_up(self, orders: Iterable[int | None]) -> None:
        """A job that is a refund counts until it is given up (rule 1): what these orders' invoices ask for may be open again, or no more."""
        self._wire.unsettled.update(order for order in orders if order is not None)


def _job(row: Row[Any]) -> Job:
    values = dict(zip(Job.__slots__, row, strict=True))
    values["items"] = tuple((item, moves) for item, moves in json.loads(values["items"]))
    values["arguments"] = json.loads(values["arguments"])
    values["status"] = JobStatus(values["status"])
    return Job(**values)

"""A job: a promise written with the state, kept after the commit. Data and arithmetic only."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from oms.tracing import request_id, traceparent

CAP = timedelta(hours=1)
"""No pause between two tries grows beyond this."""

LEASE = timedelta(seconds=60)
"""How long a claimed job belongs to its worker without being renewed."""
UNATTENDED = timedelta(minutes=20)
"""The same where nobody renews it (`oms work --once`, `oms invoice send`): longer than any mail server is waited for."""

DELIVER = "deliver_mail"
"""The job that offers a promised mail to the server."""
ALERT = "send_alert"
"""The job that tells somebody of incidents; its own failure alerts nobody."""
ALERT_CALL = "post_alert"
"""The same for a system of the shop."""
ALERTS = (ALERT, ALERT_CALL)
BY_MAIL = (DELIVER, ALERT)
"""What needs a mail server."""

QUEUES: Mapping[str, tuple[str, ...]] = {"pdf": ("render_invoice", "render_paper"), "mail": BY_MAIL}
"""What a worker may be kept for, and the jobs that it then does."""
REST = "other"
"""The queue of all other jobs: a shop's own, calls, refunds."""
ALL_QUEUES = (*QUEUES, REST)
TASK = "oms.run_job"
"""What Procrastinate calls it to look at a job."""

RING_AGAIN = timedelta(seconds=30)
"""So long after it was rung for, a job that nobody took is rung for again (rule 28)."""

LANE = "mail"
"""What needs the mail server of all stores: when it takes nothing from us, all of that waits. A store's own server is the lane `mail:STORE`."""
LANE_DOWN = "mail lane down"
"""The incident that is open as long as a mail server takes nothing from us; its subject is the lane."""
NOT_DELIVERED = "mail not delivered"
"""The incident that is open as long as somebody was refused a mail, or given up."""
REPLACED = "replaced"
"""The code of a recipient instead of whom another address was written to: nobody has to think of them any more."""
LANE_PAUSE = timedelta(minutes=5)
"""Between two probes of such a server (rule 16)."""


class JobStatus(StrEnum):
    """What becomes of a promise."""

    #: waits for `next_at`
    TODO = "todo"
    #: a worker holds the lease
    RUNNING = "running"
    #: the effect is done and its result stored; only the event that follows must still happen
    LANDING = "landing"
    #: kept
    DONE = "done"
    #: given up: after the last try, or at once for `Permanent`
    DEAD = "dead"
    #: its items left before it was tried
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the outbox. `id` is the idempotency key towards the outside."""

    id: str
    name: str
    order: int | None  #: None: belongs to no order (an alert)
    hop: str | None  #: `trigger:hop` that ordered it
    state: str | None  #: the state whose `run` ordered it; None for jobs of commands
    items: tuple[tuple[int, int], ...]  #: (item, moves): the stay that ordered it
    then: str | None
    on_error: str | None
    arguments: Mapping[str, object] = field(default_factory=dict)
    status: JobStatus = JobStatus.TODO
    attempts: int = 0  #: counted before each try; *Try again* resets it
    claims: int = 0  #: only grows: the fence
    next_at: datetime | None = None
    lease_until: datetime | None = None
    result: str | None = None  #: JSON text of what the handler returned
    error: str | None = None
    created_at: datetime | None = None
    lane: str | None = None  #: the mail server that it needs; None: none
    request_id: str | None = None  #: of the call from which it came
    traceparent: str | None = None  #: the trace to which that belongs


def promised(name: str, arguments: Mapping[str, object], *, order: int | None, hop: str | None, at: datetime, lane: str | None = None) -> Job:
    """A new job that no state waits for, to be done at once."""
    return Job(
        id=uuid.uuid4().hex,
        name=name,
        order=order,
        hop=hop,
        state=None,
        items=(),
        then=None,
        on_error=None,
        arguments=arguments,
        next_at=at,
        created_at=at,
        lane=lane,
        request_id=request_id(),
        traceparent=traceparent(),
    )


def queue_of(name: str) -> str:
    """Where a job of this name waits."""
    return next((queue for queue, names in QUEUES.items() if name in names), REST)


@dataclass(frozen=True, slots=True)
class Policy:
    """When a failed job is tried again: `delays[n]` after try n+1, then the last one, until `attempts` are used up."""

    delays: tuple[timedelta, ...]
    attempts: int

    def pause(self, attempt: int) -> timedelta | None:
        """The pause after the failed try number `attempt` (1…); None = that was the last."""
        if attempt >= self.attempts:
            return None
        return self.delays[min(attempt, len(self.delays)) - 1]


def doubling(attempts: int, *, first: timedelta) -> Policy:
    """The pause doubles from `first` up to one hour."""
    delays = [first]
    while len(delays) < attempts and delays[-1] < CAP:
        delays.append(min(delays[-1] * 2, CAP))
    return Policy(tuple(delays), attempts)


def _for_a_day() -> Policy:
    """Rule 16: 10 s doubled, capped at one hour, for 24 h: nine tries in the first 85 minutes, then hourly."""
    return doubling(33, first=timedelta(seconds=10))


COMMANDS = doubling(8, first=timedelta(seconds=10))
"""Engine-driven hops: 8 tries (rule 16)."""

JOBS = _for_a_day()
"""Jobs: for 24 h (rule 16)."""

MAILS = Policy(tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 1440)), 7)
"""Mails: 1 m, 5 m, 30 m, 2 h, 6 h, 24 h (rule 32)."""


def jittered(pause: timedelta) -> timedelta:
    """Up to a tenth longer, so that what failed together is not repeated together."""
    return pause * (1 + random.random() / 10)  # noqa: S311 - spreads load, keeps no secret

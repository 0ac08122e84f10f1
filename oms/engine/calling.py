"""Tells endpoints what was promised: claim, call, settle. Each notice has its own tries for each endpoint; who doesn't answer delays nobody else."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

from oms.engine.failing import closed, failure_of
from oms.engine.trigger import Engine
from oms.errors import OmsError
from oms.failpoints import reach
from oms.outbox import LEASE, Policy, jittered
from oms.ports.calls import Answered
from oms.ports.endpoints import Delivery, DeliveryStatus, Endpoint, Notice
from oms.ports.store import UnitOfWork
from oms.tracing import following

log = logging.getLogger(__name__)

SCHEDULE = Policy(
    (
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
    ),
    10,
)
"""Of the Standard Webhooks (specification, "Retry schedule"): ten tries within 76 hours."""
GIVEN_UP_AFTER = timedelta(days=5)
"""So long no call succeeds before an endpoint is disabled (the same, "Disabling endpoints")."""
LEAST_REST, MOST_REST = timedelta(seconds=5), timedelta(minutes=5)
"""Between two calls of an endpoint that doesn't answer: as long as it has not answered so far, within these bounds."""
MOST_WAIT = timedelta(hours=1)
"""So long an endpoint is left alone that asks for it (`Retry-After`), however much longer it asks for."""
DISABLED, NOT_TOLD = "webhook disabled", "webhook not delivered"
"""Incidents about an endpoint; their subject is `webhook:ID`."""

_GONE = 410
_TOO_MUCH = frozenset({429, 502, 503, 504})
"""Answers of who is overburdened, or stands in front of one that is not there."""


class Lines:
    """Whom this process is calling: no endpoint twice at once, so that one that is slow holds up nobody but itself."""

    def __init__(self) -> None:
        self._lock, self._busy = Lock(), set[int]()

    @contextmanager
    def free(self, endpoints: Sequence[int]) -> Iterator[int | None]:
        """The first of these that nobody is at; nobody else is while the block lasts. None: there is none."""
        with self._lock:
            found = next((endpoint for endpoint in endpoints if endpoint not in self._busy), None)
            self._busy |= {found} if found is not None else set()
        try:
            yield found
        finally:
            with self._lock:
                self._busy -= {found}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A try that was counted."""

    endpoint: Endpoint
    notice: Notice
    delivery: Delivery
    at: datetime


def call_due(engine: Engine, lines: Lines) -> int:
    """Make one call that is due. Returns how many were made: 0 or 1."""
    with engine.store.reading() as work:
        ready = work.endpoints.ready(work.now())
    with lines.free(ready) as endpoint:
        return int(endpoint is not None and _call(engine, endpoint))


def call_now(engine: Engine, delivery: Delivery) -> Delivery:
    """Make this call, unless a worker is at it. Returns what came of it."""
    _call(engine, delivery.endpoint, only=delivery.id)
    with engine.store.reading() as work:
        return work.endpoints.delivery(delivery.id)


def disable(work: UnitOfWork, endpoint: Endpoint, *, why: str, at: datetime) -> None:
    """It is told nothing until a person enables it; what it missed is kept."""
    work.endpoints.change(replace(endpoint, disabled_at=at, disabled_why=why))
    work.endpoints.give_up(endpoint.id, why=f"The endpoint is disabled: {why}")
    mend = f"Mend that, then: oms webhook enable {endpoint.id}. What it missed: oms webhook resend {endpoint.id} --since TIME."
    work.incidents.open(DISABLED, f"webhook:{endpoint.id}", text=f"{endpoint.url} is told nothing any more: {closed(why)} {mend}", at=at)


def _call(engine: Engine, endpoint: int, *, only: int | None = None) -> bool:
    """Whether there was something to do."""
    claimed = engine.transact(lambda: _claimed(engine, endpoint, only))
    if claimed is None:
        return False
    reach("webhook.after_claim")
    answer = _answer(engine, claimed)
    reach("webhook.after_answer")
    engine.persist(lambda: _settle(engine, claimed, answer))
    return True


def _claimed(engine: Engine, endpoint: int, only: int | None) -> Claimed | None:
    with engine.store.writing() as work:
        now, found = work.now(), work.endpoints.get(endpoint)
        if found is None or found.disabled_at is not None:
            return None
        delivery = work.endpoints.claim(endpoint, now=now, again=now + LEASE, only=only)
        return Claimed(found, work.endpoints.notice(delivery.notice), delivery, now) if delivery is not None else None


def _answer(engine: Engine, claimed: Claimed) -> Answered | str:
    """What the receiver says, or why it says nothing."""
    endpoint, notice = claimed.endpoint, claimed.notice
    if claimed.delivery.attempts > SCHEDULE.attempts:
        return "the process died during each try"
    try:
        with following(request_id=notice.request_id, traceparent=notice.traceparent):
            return engine.tools.webhooks.tell(endpoint.url, message=notice.id, body=notice.body, at=claimed.at, secrets=endpoint.secrets(claimed.at))
    except OmsError as error:
        return str(error)
    except Exception as error:  # whatever it is, it concerns this call alone
        log.exception("calling endpoint %s failed", endpoint.id)
        return failure_of(error).sentence


def _settle(engine: Engine, claimed: Claimed, answer: Answered | str) -> None:
    delivery = claimed.delivery
    code, said = (answer.code, answer.text) if isinstance(answer, Answered) else (None, answer)
    is_heard = code is not None and 200 <= code < 300  # noqa: PLR2004 - RFC 9110
    pause = SCHEDULE.pause(delivery.attempts) if not is_heard and code != _GONE else None
    with engine.store.writing() as work:
        endpoint, now = work.endpoints.lock(delivery.endpoint), work.now()
        next_at = now + jittered(pause) if pause is not None else None
        status: DeliveryStatus = "delivered" if is_heard else "failed" if next_at is None else "waiting"
        settled = work.endpoints.settle(replace(delivery, status=status, next_at=next_at, code=code, said=said or None))
        if endpoint is None or (not settled and not is_heard):
            return
        if is_heard and (endpoint.failing_since or endpoint.rests_until):
            work.endpoints.answered(endpoint.id)
        if not is_heard and endpoint.disabled_at is None:
            _fail(work, endpoint, delivery, answer, is_last=next_at is None, at=now)


def _rest(since: datetime, answer: Answered | str, at: datetime) -> timedelta | None:
    """So long an endpoint is left alone that doesn't answer, or is overburdened; None: it is called on."""
    rest = min(max(at - since, LEAST_REST), MOST_REST)
    if isinstance(answer, str):
        return rest
    return max(rest, min(answer.wait or rest, MOST_WAIT)) if answer.code in _TOO_MUCH else None


def _fail(work: UnitOfWork, endpoint: Endpoint, delivery: Delivery, answer: Answered | str, *, is_last: bool, at: datetime) -> None:
    """What a call that failed means for its endpoint."""
    code = answer.code if isinstance(answer, Answered) else None
    why = f"it answered {code}" if isinstance(answer, Answered) else answer
    since = endpoint.failing_since or at
    rest = _rest(since, answer, at)
    work.endpoints.failed(endpoint.id, at=at, rests_until=at + rest if rest is not None else None)
    if code == _GONE:
        disable(work, endpoint, why="it answered 410 Gone", at=at)
    elif at - since >= GIVEN_UP_AFTER:
        disable(work, endpoint, why=f"no call has succeeded for {GIVEN_UP_AFTER.days} days; the last one: {why}", at=at)
    elif is_last:
        text = f"{endpoint.url} was not told {delivery.type} ({delivery.notice}) in {SCHEDULE.attempts} tries; the last one: {closed(why)}"
        mend = f"Mend that, then: oms webhook resend {endpoint.id} --since TIME."
        work.incidents.open(NOT_TOLD, f"webhook:{endpoint.id}", text=f"{text} {mend}", at=at)

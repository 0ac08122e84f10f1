"""Messages of payment providers: kept and booked at receipt, whatever the items' states; applied when the order is ready (rule 4)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from oms.engine.booking import NOT_APPLIED, book, reference_of, report
from oms.engine.request import CAUSE, results_from_json
from oms.errors import Conflict, NotFound, NotPossible, OmsError, StoreUnavailable
from oms.failpoints import reach
from oms.money import format_minor
from oms.ports.inbox import Received, Said, Status
from oms.process.ways import can_reach
from oms.tracing import following, request_id, traceparent

if TYPE_CHECKING:
    from oms.engine.trigger import Engine

log = logging.getLogger(__name__)

BATCH = 100
_PATIENCE = timedelta(hours=72)
_SOON, _CAP = timedelta(seconds=10), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider is answered."""

    repeated: bool  #: the message was there already: the first one counts
    status: Status
    why: str | None
    message: int | None = None  #: its id; None: it was there already


def receive(engine: Engine, provider: str, said: Said, body: str, *, actor: str | None = None, reason: str | None = None) -> Receipt:
    """Keep a message and book what it reports, in one transaction; a worker applies it.

    Args:
        engine: Where.
        provider: Who says it.
        said: What.
        body: As it came.
        actor: A person or program that says it for a provider that doesn't speak: what can't be booked is refused, rather than kept as an incident.
        reason: Why, in that person's words.

    Raises:
        StoreUnavailable: the database didn't answer: the provider sends it again.
        Conflict: somebody says it, and it can't be booked.
    """
    return engine.transact(lambda: _receive(engine, provider, said=said, body=body, actor=actor, reason=reason))


def _receive(engine: Engine, provider: str, *, said: Said, body: str, actor: str | None, reason: str | None) -> Receipt:
    with engine.store.writing() as work:
        now = work.now()
        message = as_received(provider, said, body, now, actor=actor, reason=reason)
        number = work.inbox.add(message)
        if number is None:
            log.info("message %s of %s came again", said.event_id, provider)
            return Receipt(repeated=True, status="done", why=None)
        if message.status == "waiting":
            message = book(engine, work, replace(message, id=number), now)
            if actor is not None and message.status == "ignored":
                raise Conflict(f"Nothing was booked: {message.error}")
        reach("wh.before_commit")
    reach("wh.after_commit")
    engine.wake()
    return Receipt(repeated=False, status=message.status, why=message.error, message=number)


def as_received(provider: str, said: Said, body: str, now: datetime, *, actor: str | None = None, reason: str | None = None) -> Received:
    """As it is kept: it waits, unless nothing is to be done about it."""
    message = Received(
        provider=provider,
        said=said,
        body=body,
        received_at=now,
        next_at=now,
        actor=actor,
        reason=reason,
        request_id=request_id(),
        traceparent=traceparent(),
    )
    if said.order is None or (said.event is None and said.about == "nothing"):
        return replace(message, status="ignored", next_at=None, error=f'Nothing is done about "{said.type}".')
    return message


def apply_due(engine: Engine) -> int:
    """Try what waits and is due, the oldest of each order first. Returns how many."""
    with engine.store.reading() as work:
        due = work.inbox.due(work.now(), limit=BATCH)
    for message in sorted(due, key=lambda each: each.id):
        with following(request_id=message.request_id, traceparent=message.traceparent):
            try_message(engine, message)
    return len(due)


def retry_message(engine: Engine, message: int) -> None:
    """Let a message be tried again now.

    Raises:
        NotFound: there is none of this id.
    """
    with engine.store.writing() as work:
        work.inbox.settle(message, status="waiting", next_at=work.now())
    engine.wake()


def try_message(engine: Engine, message: Received) -> None:
    """Apply one that waits, unless somebody else is at it."""
    with engine.store.writing() as work:
        now = work.now()
        again = _next_try(engine, message, now)
        if not work.inbox.claim(message.id, now=now, again=again):
            return
        booked = book(engine, work, replace(message, error=None), now)
        if booked.status == "done":
            work.incidents.close(NOT_APPLIED, f"inbox:{message.id}", by=message.provider, at=now)
    reach("wh.after_claim")
    if booked.status != "waiting":
        return
    try:
        status, why = _apply(engine, booked.said, booked)
    except StoreUnavailable:
        raise
    except OmsError as error:  # what failed may succeed later: the message waits, and nobody else
        status, why = "waiting", str(error)
    _settle(engine, message, status, why, again=again, is_unknown=booked.error is not None)


def _next_try(engine: Engine, message: Received, now: datetime) -> datetime:
    """After a pause that grows; and at the moment when its order has been missing for so long that somebody is told."""
    pause: timedelta = min(_SOON * 2 ** min(message.attempts, 20), _CAP)
    again, told = now + pause, message.received_at + engine.grace
    return min(again, told) if told > now else again


def _apply(engine: Engine, said: Said, message: Received) -> tuple[Status, str | None]:
    """Let the event happen; whether that is the end of it, and why not."""
    if said.event is None:
        return "done", None
    payload = {"provider": message.provider, "reference": reference_of(said)}
    if said.amount_minor is not None and said.currency is not None:
        payload |= {"amount": format_minor(said.amount_minor, said.currency), "currency": said.currency}
    try:
        answer = engine.trigger(
            str(said.order),
            said.event,
            store=said.store,
            key=_key(engine, said, message.provider),
            actor=message.actor or message.provider,
            reason=message.reason,
            payload=payload,
            cause=f"{CAUSE}{message.id}",
        )
    except NotFound as error:
        return "waiting", str(error)
    except NotPossible as error:
        return ("waiting", str(error)) if _may_come(engine, said) else ("done", f"{error} No item can come to where it would be.")
    return ("done", None) if answer.applied else ("waiting", "No item took it.")


def _key(engine: Engine, said: Said, provider: str) -> str:
    """The key of this try: the first one's, unless that failed. A key answers for ever as it did, and what failed may be mended by now."""
    first = f"{provider}:{said.event_id}"
    with engine.store.reading() as work:
        head = work.orders.named(str(said.order), store=said.store)
        key, tries = first, count(2)
        while (row := work.triggers.find(head.id, key)) and _failed(row.answer):
            key = f"{first}:{next(tries)}"
    return key


def _failed(answer: str | None) -> bool:
    """Whether something failed, and nothing moved or stayed."""
    outcomes = {result.outcome for result in results_from_json(answer or "[]")}
    return "failed" in outcomes and not outcomes & {"moved", "stayed"}


def _may_come(engine: Engine, said: Said) -> bool:
    """Whether some item can still reach a state that has the event."""
    with engine.store.reading() as work:
        head = work.orders.named(str(said.order), store=said.store)
        process = engine.processes.get(work, head.version).process
        return any(can_reach(process, item.state, str(said.event)) for item in work.items.of(head.id))


def _settle(engine: Engine, message: Received, status: Status, why: str | None, *, again: datetime, is_unknown: bool) -> None:
    with engine.store.writing() as work:
        now = work.now()
        late = now - message.received_at >= _PATIENCE
        missed = is_unknown and now - message.received_at >= engine.grace
        if status != "waiting":
            work.inbox.settle(message.id, status=status, error=why)
        else:
            work.inbox.wait(message.id, claimed=again, next_at=None if late else again, error=why)
        if status == "waiting" and (late or missed):
            since = "72 h" if late else f"{engine.grace.total_seconds() / 60:.0f} min"
            text = f'Message {message.id} of {message.provider} ("{message.said.type}", order {message.said.order}) waits since {since}: {why}'
            report(work, message, text, now, None)
        else:  # it is over, or its order has come
            work.incidents.close(NOT_APPLIED, f"inbox:{message.id}", by=message.provider, at=now)

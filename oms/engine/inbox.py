"""Messages of payment providers: kept and booked at receipt, whatever the items' states; applied when the order is ready (rule 4)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from oms.engine.context import tell
from oms.engine.reckoning import report_surplus
from oms.engine.request import results_from_json
from oms.errors import Conflict, NotFound, NotPossible, OmsError, StoreUnavailable
from oms.failpoints import reach
from oms.money import format_minor
from oms.ports.drafts import NewPayment
from oms.ports.inbox import Received, Said, Status
from oms.ports.records import OrderHead
from oms.ports.store import UnitOfWork
from oms.process.ways import can_reach

if TYPE_CHECKING:
    from oms.engine.trigger import Engine

log = logging.getLogger(__name__)

NOT_APPLIED = "message not applied"
"""The incident about a message that nothing came of in time, or that can't be booked."""
CAUSE = "inbox:"
"""What the cause of a trigger begins with that a message is behind."""

BATCH = 100
_PATIENCE = timedelta(hours=72)
_SOON, _CAP = timedelta(seconds=10), timedelta(hours=1)


def message_of(cause: str | None) -> int | None:
    """The message that is behind a trigger; None: none is."""
    return int(cause.removeprefix(CAUSE)) if cause is not None and cause.startswith(CAUSE) else None


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
        message = Received(provider=provider, said=said, body=body, received_at=now, next_at=now, actor=actor, reason=reason)
        if said.order is None or (said.event is None and said.about == "nothing"):
            message = replace(message, status="ignored", next_at=None, error=f'Nothing is done about "{said.type}".')
        number = work.inbox.add(message)
        if number is None:
            log.info("message %s of %s came again", said.event_id, provider)
            return Receipt(repeated=True, status="done", why=None)
        if message.status == "waiting":
            message = _book(engine, work, replace(message, id=number), now)
            if actor is not None and message.status == "ignored":
                raise Conflict(f"Nothing was booked: {message.error}")
        reach("wh.before_commit")
    reach("wh.after_commit")
    engine.wake()
    return Receipt(repeated=False, status=message.status, why=message.error, message=number)


def apply_due(engine: Engine) -> int:
    """Try what waits and is due, the oldest of each order first. Returns how many."""
    with engine.store.reading() as work:
        due = work.inbox.due(work.now(), limit=BATCH)
    for message in sorted(due, key=lambda each: each.id):
        try_message(engine, message)
    return len(due)


def retry_message(engine: Engine, message: int) -> None:
    """Let a message be tried again now.

    Raises:
        NotFound: there is none of this id.
    """
    with engine.store.writing() as work:
        work.inbox.get(message)
        work.inbox.settle(message, status="waiting", next_at=work.now())
    engine.wake()


def try_message(engine: Engine, message: Received) -> None:
    """Apply one that waits, unless somebody else is at it."""
    with engine.store.writing() as work:
        now = work.now()
        pause = min(_SOON * 2 ** min(message.attempts, 20), _CAP)
        if not work.inbox.claim(message.id, now=now, again=now + pause):
            return
        booked = _book(engine, work, message, now)
    reach("wh.after_claim")
    if booked.status != "waiting":
        return
    try:
        status, why = _apply(engine, booked.said, booked)
    except StoreUnavailable:
        raise
    except OmsError as error:  # what failed may succeed later: the message waits, and nobody else
        status, why = "waiting", str(error)
    _settle(engine, message, status, why, again=now + pause)


def _apply(engine: Engine, said: Said, message: Received) -> tuple[Status, str | None]:
    """Let the event happen; whether that is the end of it, and why not."""
    if said.event is None:
        return "done", None
    payload = {"provider": message.provider, "reference": _reference(said)}
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


def _book(engine: Engine, work: UnitOfWork, message: Received, now: datetime) -> Received:
    """Book what a message reports, if its order is there; the message as it stands then."""
    said = message.said
    try:
        head = work.orders.lock(str(said.order), store=said.store)
    except NotFound as error:
        return replace(message, error=str(error))
    if said.about != "nothing" and said.amount_minor is not None:
        wrong = f"it is in {said.currency}, the order in {head.currency}" if said.currency != head.currency else None
        row = NewPayment(
            head.id, message.provider, _reference(said), said.about, said.amount_minor, head.currency, now, message=message.id, paid_on=said.paid_on
        )
        try:
            is_new = wrong is None and work.payments.add(row)
        except Conflict as error:
            wrong = str(error)
            is_new = False
        if wrong is not None:
            text = f'"{_reference(said)}" of {message.provider} for {head.reference} was not booked: {wrong}'
            _report(work, message, f"{text} See: oms inbox show {message.id}", now, head)
            return _ended(work, message, "ignored", wrong)
        if not is_new and not work.payments.came_by(message.id):
            return _ended(work, message, "done", "already applied")
        if is_new:
            _noted(engine, work, message, head, now)
    return message if said.event is not None else _ended(work, message, "done", None)


def _noted(engine: Engine, work: UnitOfWork, message: Received, head: OrderHead, now: datetime) -> None:
    """Money was booked: listeners are told, and somebody, if it is too much."""
    said = message.said
    if said.about == "payment" and said.amount_minor is not None:
        details = {"amount": format_minor(said.amount_minor, head.currency), "currency": head.currency, "reference": _reference(said)}
        tell(work, engine.tables.listeners, "payment booked", details, head=head, hop=None, at=now)
    report_surplus(work, engine.facts(work, head.id), booked=True, by=message.provider, at=now)


def _reference(said: Said) -> str:
    return said.reference or said.event_id


def _ended(work: UnitOfWork, message: Received, status: Status, why: str | None) -> Received:
    work.inbox.settle(message.id, status=status, error=why)
    return replace(message, status=status, error=why)


def _settle(engine: Engine, message: Received, status: Status, why: str | None, *, again: datetime) -> None:
    with engine.store.writing() as work:
        now = work.now()
        if status != "waiting":
            work.inbox.settle(message.id, status=status, error=why)
            work.incidents.close(NOT_APPLIED, f"inbox:{message.id}", by=message.provider, at=now)
            return
        late = now - message.received_at >= _PATIENCE
        work.inbox.settle(message.id, status="waiting", next_at=None if late else again, error=why)
        if late:
            text = f'Message {message.id} of {message.provider} ("{message.said.type}", order {message.said.order}) waits since 72 h: {why}'
            _report(work, message, text, now, None)


def _report(work: UnitOfWork, message: Received, text: str, now: datetime, head: OrderHead | None) -> None:
    work.incidents.open(NOT_APPLIED, f"inbox:{message.id}", text=text, at=now, order=head.id if head else None)
    if head is not None:
        work.orders.mark(head.id, attention=True)

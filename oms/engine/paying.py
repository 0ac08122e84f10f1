"""Payments that people and bank statements report. They go the way of a provider's message (rule 4); what can't be booked is refused at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oms.engine.asking import require_words
from oms.engine.inbox import receive, try_message
from oms.errors import Conflict, InvalidInput, Problem
from oms.money import format_minor, is_currency, parse_minor
from oms.orders.wording import clean_text
from oms.ports.inbox import Received, Said, Status
from oms.ports.records import Item, OrderHead
from oms.ports.store import UnitOfWork
from oms.process.model import Process
from oms.process.ways import can_reach

if TYPE_CHECKING:
    from oms.engine.trigger import Engine

BY_HAND = "by hand"
"""The provider of what a person reports, as of refunds that a person books."""
_BOOKS = "record_payment"
"""The command by which a process's event says that it is the one of payments."""
_LONGEST_REFERENCE, _LONGEST_REASON = 200, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """Money that has come, as somebody reports it."""

    amount: str  #: as text with a dot, `168.80`
    reference: str  #: the payment's own, as the bank has it: booked once
    currency: str | None = None  #: None: the order's
    paid_on: date | str | None = None  #: a text as 2026-11-25; None: today, where the order's store is
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of it."""

    order: str
    store: str
    reference: str
    amount_minor: int
    currency: str
    paid_on: date
    repeated: bool  #: it was booked before: nothing happened now
    status: Status  #: `waiting`: it is booked, and the order's event follows as soon as it can
    why: str | None  #: it waits, or why the order has no such event
    items: tuple[tuple[str, str], ...]  #: (label, state), as they stand now


def record_payment(engine: Engine, order: str, paid: Paid, *, actor: str, store: str | None = None, provider: str = BY_HAND) -> Recorded:
    """Book a payment, once per reference, and let the event of the order's process happen that is named for it.

    Args:
        engine: Where.
        order: The order's reference.
        paid: What came.
        actor: Who says so.
        store: Needed when several stores have an order of this reference.
        provider: Who brought the money: a person, or a bank's account.

    Raises:
        NotFound: there is no such order.
        InvalidInput: amount, currency, date, reference or reason are wrong.
        Conflict: the reference is booked for another order or with another amount.
    """
    require_words(actor=actor, store=store)
    with engine.store.reading() as work:
        head = work.orders.named(order, store=store)
        today = max(work.now(), head.last_at).astimezone(ZoneInfo(engine.profile(head.store).zone)).date()
        latest = today if provider == BY_HAND else date.max  # a bank books a payment of Sunday on Monday
        event = payment_event(engine.processes.get(work, head.version).process, work.items.of(head.id))
        said = _said(paid, head, today=today, latest=latest, event=event)
        found = _booked(work, head, said, provider)
    if found is not None:
        return found
    body = json.dumps({"amount": paid.amount, "currency": said.currency, "reference": said.reference, "paid_on": f"{said.paid_on}", "by": actor})
    receipt = receive(engine, provider, said, body, actor=actor, reason=(paid.reason or "").strip() or None)
    if receipt.message is None:  # another has said the same just now
        with engine.store.reading() as work:
            return _booked(work, head, said, provider) or _recorded(work, head, said, repeated=True)
    message = _applied(engine, receipt.message)
    with engine.store.reading() as work:
        return _recorded(work, head, said, message=message)


def payment_event(process: Process, items: Sequence[Item]) -> str | None:
    """The event that a payment lets happen: of those that book one, what the items have now, or can still come to. None: the process has none."""
    events = [name for name, event in process.events.items() if any(call.name == _BOOKS for call in event.prepare)]
    now = [name for name in events if any(name in process.ways_out[item.state] for item in items)]
    later = [name for name in events if any(can_reach(process, item.state, name) for item in items)]
    return next(iter([*now, *later, *events]), None)


def _said(paid: Paid, head: OrderHead, *, today: date, latest: date, event: str | None) -> Said:
    problems: list[Problem] = []
    currency = paid.currency or head.currency
    if not is_currency(currency) or currency != head.currency:
        problems.append(Problem("currency", f"is {currency[:10]}, but the order {head.reference} is in {head.currency}: nothing was booked."))
    paid_on = today
    try:
        paid_on = date.fromisoformat(f"{paid.paid_on}") if paid.paid_on else today
    except ValueError:
        problems.append(Problem("paid_on", f"is no day: write it as {today}."))
    if paid_on > latest:
        problems.append(Problem("paid_on", f"is {paid_on}, which is yet to come: say the day on which the money came."))
    amount_minor = 0
    try:
        amount_minor = parse_minor(paid.amount, head.currency)
        if amount_minor <= 0:
            problems.append(Problem("amount", "must be more than 0. Money that goes back is a refund."))
    except ValueError as error:
        problems.append(Problem("amount", str(error)))
    reference = _cleaned("reference", paid.reference, _LONGEST_REFERENCE, problems)
    if paid.reason is not None and paid.reason.strip():
        _cleaned("reason", paid.reason, _LONGEST_REASON, problems)
    if problems:
        raise InvalidInput(problems)
    return Said(
        event_id=reference,
        type="payment",
        about="payment",
        event=event,
        order=head.reference,
        store=head.store,
        reference=reference,
        amount_minor=amount_minor,
        currency=currency,
        paid_on=paid_on,
    )


def _cleaned(name: str, text: str, limit: int, problems: list[Problem]) -> str:
    try:
        return clean_text(text, limit=limit, lines=name == "reason")
    except ValueError as error:
        problems.append(Problem(name, f"{error} Under which reference did the money come?" if name == "reference" else str(error)))
        return ""


def _booked(work: UnitOfWork, head: OrderHead, said: Said, provider: str) -> Recorded | None:
    """What is booked under this reference; None: nothing.

    Raises:
        Conflict: for another order, or with another amount.
    """
    booked = work.payments.booked_as(provider, said.event_id)
    if booked is None:
        return None
    if booked.order != head.id:
        other = work.orders.get(booked.order).reference
        raise Conflict(f'"{said.event_id[:80]}" is booked for the order {other}: a reference belongs to one movement. Nothing was booked.')
    if booked.amount_minor != said.amount_minor:
        amount = f"{format_minor(booked.amount_minor, booked.currency)} {booked.currency}"
        raise Conflict(f'"{said.event_id[:80]}" is booked with {amount}: another amount needs another reference. Nothing was booked.')
    return _recorded(work, head, said, repeated=True)


def _applied(engine: Engine, message: int) -> Received:
    """Tried at once, unless a worker is at it. What came of it so far."""
    with engine.store.reading() as work:
        found = work.inbox.get(message)
    if found.status == "waiting":
        try_message(engine, found)
    with engine.store.reading() as work:
        return work.inbox.get(message)


def _recorded(work: UnitOfWork, head: OrderHead, said: Said, *, repeated: bool = False, message: Received | None = None) -> Recorded:
    return Recorded(
        order=head.reference,
        store=head.store,
        reference=said.event_id,
        amount_minor=said.amount_minor or 0,
        currency=head.currency,
        paid_on=said.paid_on or head.last_at.date(),
        repeated=repeated,
        status=message.status if message else "done",
        why="already applied" if repeated else message.error if message else None,
        items=tuple((item.label, item.state) for item in work.items.of(head.id)),
    )

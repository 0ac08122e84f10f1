"""What a message says of money is booked, once per provider and reference, whatever the items' states (rule 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from oms.engine.context import tell
from oms.engine.reckoning import report_surplus
from oms.errors import Conflict, NotFound
from oms.money import format_minor
from oms.ports.drafts import NewPayment
from oms.ports.inbox import Received, Said, Status
from oms.ports.records import OrderHead
from oms.ports.store import UnitOfWork

if TYPE_CHECKING:
    from oms.engine.trigger import Engine

REFUND_FAILED = "refund failed"
"""The incident about money that a provider was to give back, said that it did, and then couldn't."""
NOT_APPLIED = "message not applied"
"""The incident about a message that nothing came of in time, or that can't be booked."""


def book(engine: Engine, work: UnitOfWork, message: Received, now: datetime) -> Received:
    """Book what a message reports, if its order is there; the message as it stands then."""
    said = message.said
    try:
        head = work.orders.lock(str(said.order), store=said.store)
    except NotFound as error:
        return replace(message, error=str(error))
    if said.about == "failed refund":
        return _refund_failed(work, message, head, now)
    if said.about != "nothing" and said.amount_minor is not None:
        wrong = f"it is in {said.currency}, the order in {head.currency}" if said.currency != head.currency else None
        row = NewPayment(
            head.id, message.provider, reference_of(said), said.about, said.amount_minor, head.currency, now, message=message.id, paid_on=said.paid_on
        )
        try:
            is_new = wrong is None and work.payments.add(row)
        except Conflict as error:
            wrong = str(error)
            is_new = False
        if wrong is not None:
            text = f'"{reference_of(said)}" of {message.provider} for {head.reference} was not booked: {wrong}'
            report(work, message, f"{text} See: oms inbox show {message.id}", now, head)
            return _ended(work, message, "ignored", wrong)
        if not is_new and not work.payments.came_by(message.id):
            return _ended(work, message, "done", "already applied")
        if is_new:
            _noted(engine, work, message, head, now)
    return message if said.event is not None else _ended(work, message, "done", None)


def _refund_failed(work: UnitOfWork, message: Received, head: OrderHead, now: datetime) -> Received:
    """It counts as paid back, so nothing is booked: a person pays it back otherwise."""
    amount = format_minor(message.said.amount_minor or 0, head.currency)
    text = (
        f"{message.provider} could not pay back {amount} {head.currency} of {head.reference} ({reference_of(message.said)}): "
        "pay it back otherwise, then close this."
    )
    work.incidents.open(REFUND_FAILED, reference_of(message.said), text=text, at=now, order=head.id)
    work.orders.mark(head.id, attention=True)
    return _ended(work, message, "done", None)


def _noted(engine: Engine, work: UnitOfWork, message: Received, head: OrderHead, now: datetime) -> None:
    """Money was booked: listeners are told, and somebody, if it is too much."""
    said = message.said
    if said.about == "payment" and said.amount_minor is not None:
        details = {"amount": format_minor(said.amount_minor, head.currency), "currency": head.currency, "reference": reference_of(said)}
        tell(work, engine.tables.listeners, "payment booked", details, head=head, hop=None, at=now)
    report_surplus(work, engine.facts(work, head.id), changed=True, by=message.provider, at=now)


def _ended(work: UnitOfWork, message: Received, status: Status, why: str | None) -> Received:
    work.inbox.settle(message.id, status=status, error=why)
    return replace(message, status=status, error=why)


def reference_of(said: Said) -> str:
    """Under which money is booked: its own, else that of the message."""
    return said.reference or said.event_id


def report(work: UnitOfWork, message: Received, text: str, now: datetime, head: OrderHead | None) -> None:
    """Somebody has to look at a message: once, however often it is tried."""
    work.incidents.open(NOT_APPLIED, f"inbox:{message.id}", text=text, at=now, order=head.id if head else None)
    if head is not None:
        work.orders.mark(head.id, attention=True)

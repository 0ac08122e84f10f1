"""Sending a paper again, to the customer or to somebody else: the mail is promised, and a worker speaks to the server."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from oms.addresses import is_address
from oms.engine.deliveries import Delivery, accepted_by, offered, outcome_of, to_customer
from oms.engine.jobs import run_job
from oms.engine.mailing import OTHER, Wish, promise_mail
from oms.engine.trigger import Engine
from oms.errors import Conflict, InvalidInput, Problem
from oms.ports.records import Document, Message, Recipient
from oms.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class Sending:
    """A mail that carries a paper, and what became of each recipient."""

    message: Message
    recipients: tuple[Recipient, ...]
    is_ordered: bool = False  #: now; False: it was, before


Noted = Callable[[UnitOfWork, Sending], object]
"""Is told of it in the same transaction."""


def order_sending(
    engine: Engine, document: Document, *, address: str | None, force: bool, actor: str, noted: Noted = lambda _work, _sending: None
) -> Sending:
    """Let a paper be sent. One that its customer has is not sent again, unless by force.

    Args:
        engine: Where.
        document: What.
        address: Somebody else than the customer; None: the customer, as the order has them now.
        force: As a new mail, whoever has it.
        actor: Who.
        noted: Is told of it in the same transaction.

    Raises:
        InvalidInput: this is no plain mail address.
        Conflict: the customer has no address, or a person printed it.
    """
    if address is not None and not is_address(address):
        raise InvalidInput([Problem("address", "must be one plain mail address, as in jana@example.com.")])
    with engine.store.writing() as work:
        work.orders.lock_id(document.order)
        sending = (
            _to(engine, work, document, address, actor=actor) if address is not None else _again(engine, work, document, force=force, actor=actor)
        )
        noted(work, sending)
    engine.wake()
    return sending


def send_to(engine: Engine, documents: Sequence[Document], address: str, *, actor: str) -> list[Delivery]:
    """Send papers to somebody else than their customers now; what fails is tried again by the worker as any mail.

    Raises:
        InvalidInput: this is no plain mail address.
    """
    deliveries = []
    for document in documents:
        message = order_sending(engine, document, address=address, force=False, actor=actor).message
        run_job(engine, message.job, worker="send", by_hand=True)
        with engine.store.reading() as work:
            to = [each for each in work.mails.recipients(message.id) if each.role == "to"]
            deliveries.append(outcome_of(document, to, work.jobs.get(message.job), profile=engine.profile(document.store)))
    return deliveries


def sendings(work: UnitOfWork, document: Document) -> list[Sending]:
    """All mails that carry a paper, oldest first."""
    return [_sending(work, message) for message in work.mails.of_document(document.id)]


def _to(engine: Engine, work: UnitOfWork, document: Document, address: str, *, actor: str) -> Sending:
    """As often as it is asked for: a person who names an address wants a mail to leave."""
    wish = Wish(
        key=f"{OTHER}:{document.id}:{uuid.uuid4().hex}",
        template=document.kind,
        reason=OTHER,
        actor=actor,
        document=document,
        with_copy=True,
        address=address,
    )
    printing = work.prints.find(document.id)
    number = promise_mail(work, wish, facts=engine.facts(work, document.order), now=work.now())
    if number is None:
        raise Conflict(f"{document.number} could not be promised to that address. Try again.")
    if printing is not None and printing.printed_at is None:
        work.prints.add(document.id, at=printing.listed_at)  # the customer still gets it on paper
    return _sending(work, work.mails.get(number), is_ordered=True)


def _again(engine: Engine, work: UnitOfWork, document: Document, *, force: bool, actor: str) -> Sending:
    messages = to_customer(work, document)
    accepted = accepted_by(work, messages, redirected=engine.profile(document.store).redirect_to is not None)
    if accepted is not None and not force:
        return _sending(work, work.mails.get(accepted.message))
    printing = work.prints.find(document.id)
    if printing is not None and printing.printed_at is not None and not force:
        raise Conflict(f"{document.number} was printed by {printing.printed_by}: nothing was sent. To send it all the same: force.")
    number = offered(engine, work, document, messages, force=force, actor=actor)
    if number is None:
        raise Conflict(f"{document.number} can't be mailed: the customer has no mail address. Name one, or print it.")
    return _sending(work, work.mails.get(number), is_ordered=True)


def _sending(work: UnitOfWork, message: Message, *, is_ordered: bool = False) -> Sending:
    return Sending(message, tuple(work.mails.recipients(message.id)), is_ordered)

"""Sending invoices again (rule 35), and retrying mails. Everything goes through the outbox; nothing is sent here."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from oms.engine.jobs import run_job
from oms.engine.mailing import OTHER, Wish, is_redirected, promise_mail, reopen_mail
from oms.engine.trigger import Engine
from oms.errors import Conflict
from oms.outbox import LANE, LANE_DOWN, REPLACED, Job, JobStatus
from oms.ports.records import Document, Message, Recipient
from oms.ports.shop import StoreProfile
from oms.ports.store import UnitOfWork

Outcome = Literal["sent", "sent before", "printed", "would send", "failed", "no address", "waits"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one invoice that was to be sent."""

    number: str
    outcome: Outcome
    sentence: str


def undelivered(work: UnitOfWork, documents: Sequence[Document]) -> list[Document]:
    """Those whose automatic mail has failed to reach the customer, also if it is to be tried again."""
    return [document for document in documents if _standing(work, document) == "failed"]


def on_their_way(work: UnitOfWork, documents: Sequence[Document]) -> list[Document]:
    """Those whose automatic mail was not tried yet, or waits because its server was offered all that it takes in a minute."""
    return [document for document in documents if _standing(work, document) == "on its way"]


def send(engine: Engine, documents: Sequence[Document], *, force: bool, dry_run: bool, actor: str) -> list[Delivery]:
    """Send invoices to their customers now. One that was accepted is sent again only by force, as a new message, with a new copy to the shop.

    It always ends: each is tried once; what fails then is tried again by the worker as any mail. A server that takes nothing is asked once;
    invoices of stores that have another one are sent.
    """
    deliveries: list[Delivery] = []
    down: dict[str, str] = {}  # lane to what its server says
    for document in documents:
        lane = engine.profile(document.store).lane
        if lane in down:
            deliveries.append(Delivery(document.number, "failed", f"not tried: {down[lane]}"))
            continue
        delivery, why = _send(engine, document, force=force, dry_run=dry_run, actor=actor)
        deliveries.append(delivery)
        if why is not None:
            down[lane] = why
    return deliveries


def retry_mail(engine: Engine, message: int, *, actor: str) -> int:
    """Offer a mail again to those who refused it or were given up. Returns to how many.

    Raises:
        Conflict: everybody has it, or a worker is at it.
    """
    with engine.store.writing() as work:
        mail = work.mails.get(message)
        reopened = reopen_mail(work, message, by=actor, at=work.now())
        waiting = [each for each in work.mails.recipients(message) if each.status == "pending"]
        if not waiting:
            raise Conflict(f"Mail {message} was accepted for everybody; to send an invoice again: oms invoice send NUMBER --force.")
        if not work.jobs.revive(mail.job, at=work.now()):
            raise Conflict(f"Mail {message} is being delivered now.")
        if mail.order is not None:
            work.notes.add(mail.order, text=f'mail "{mail.template}" offered again', actor=actor, hop=None, at=work.now())
    engine.wake()
    return reopened or len(waiting)


def mark_printed(engine: Engine, documents: Sequence[Document], *, actor: str) -> None:
    """Take papers off the list of what is to be printed; those that somebody printed before stay so.

    Raises:
        Conflict: one isn't on the list; then none is taken off.
    """
    with engine.store.writing() as work:
        now = work.now()
        for document in documents:
            if work.prints.mark(document.id, by=actor, at=now):
                work.notes.add(document.order, text=f"printed {document.number}", actor=actor, hop=None, at=now)
            elif work.prints.find(document.id) is None:
                raise Conflict(f"{document.number} is not to be printed: oms invoice list --to-print shows what is.")


def _send(engine: Engine, document: Document, *, force: bool, dry_run: bool, actor: str) -> tuple[Delivery, str | None]:
    """What became of it; and why no server takes anything, if that is so."""
    profile = engine.profile(document.store)
    with engine.store.reading() as work:
        messages = to_customer(work, document)
        accepted = accepted_by(work, messages, redirected=profile.redirect_to is not None)
        printing = work.prints.find(document.id)
    if accepted is not None and accepted.sent_at is not None and not force:
        sent = f"{profile.local(accepted.sent_at):%Y-%m-%d %H:%M %Z}"
        return Delivery(document.number, "sent before", f"sent on {sent} to {accepted.address}"), None
    if printing is not None and printing.printed_at is not None and not force:
        printed = f"{profile.local(printing.printed_at):%Y-%m-%d %H:%M %Z}"
        return Delivery(document.number, "printed", f"printed on {printed} by {printing.printed_by}"), None
    if dry_run:
        return _rehearsed(engine, document), None
    with engine.store.writing() as work:
        message = offered(engine, work, document, messages, force=force, actor=actor)
    if message is None:
        return _without_address(document), None
    with engine.store.reading() as work:
        promise = work.mails.get(message).job
    run_job(engine, promise, worker="send", by_hand=True)
    with engine.store.reading() as work:
        job = work.jobs.get(promise)
        outcome = outcome_of(document, _customer(work, work.mails.get(message)), job, profile=profile)
    no_attempt_was_counted = job.status is JobStatus.TODO and job.attempts == 0
    return outcome, job.error if no_attempt_was_counted else None


def _rehearsed(engine: Engine, document: Document) -> Delivery:
    with engine.store.reading() as work:
        address = engine.facts(work, document.order).order.customer.email
    return Delivery(document.number, "would send", "would be sent now") if address else _without_address(document)


def _without_address(document: Document) -> Delivery:
    return Delivery(document.number, "no address", "the customer has no mail address: print it")


def to_customer(work: UnitOfWork, document: Document) -> list[Message]:
    """The mails that carried a paper to its customer, oldest first."""
    return [message for message in work.mails.of_document(document.id) if message.reason != OTHER]


def offered(engine: Engine, work: UnitOfWork, document: Document, messages: Sequence[Message], *, force: bool, actor: str) -> int | None:
    """The message to deliver: the one that has not arrived, or a new one, also if the customer's address was corrected since.

    None: the customer has no address.
    """
    now = work.now()
    head = work.orders.lock_id(document.order)
    facts = engine.facts(work, head.id)
    address = facts.profile.redirect_to or facts.order.customer.email
    if messages and not force and any(each.address == address for each in _customer(work, messages[-1])):
        work.mails.reopen(messages[-1].id)
        work.jobs.revive(messages[-1].job, at=now)
        return messages[-1].id
    if force:
        work.prints.remove(document.id)
    else:
        for message in messages:
            _replace(work, message, now, redirected=facts.profile.redirect_to is not None)
    reason = "force" if force else "resend"
    wish = Wish(
        key=f"{reason}:{document.id}:{uuid.uuid4().hex}", template=document.kind, reason=reason, actor=actor, document=document, with_copy=True
    )
    return promise_mail(work, wish, facts=facts, now=now)


def _replace(work: UnitOfWork, message: Message, now: datetime, *, redirected: bool) -> None:
    """Who waits for it, or refused it, is written to by another one instead, unless that goes to the shop itself. What the server said stays."""
    for each in work.mails.recipients(message.id):
        if each.status == "pending":
            text = "another mail was sent instead"
            work.mails.mark(message.id, each.address, status="gave_up", code=None if redirected else REPLACED, text=text, at=now)
        elif each.status != "sent" and each.code != REPLACED and not redirected:
            said = " ".join(filter(None, (each.code, each.text)))
            work.mails.mark(message.id, each.address, status="gave_up", code=REPLACED, text=said, at=now)


def outcome_of(document: Document, customer: Sequence[Recipient], job: Job, *, profile: StoreProfile) -> Delivery:
    """What became of a mail that was tried."""
    refused = next((each for each in customer if each.status != "sent"), None)
    if refused is None:
        return Delivery(document.number, "sent", f"sent to {', '.join(each.address for each in customer)}")
    if job.status is JobStatus.TODO and job.error is None and job.next_at is not None:  # put off by the pace, as `_has_failed` has it
        after = f"{profile.local(job.next_at):%H:%M:%S %Z}"
        return Delivery(document.number, "waits", f"the server was offered all that it takes in a minute: sent after {after}")
    said = refused.text or job.error or "a worker is at it; look again"
    return Delivery(document.number, "failed", f"not accepted for {refused.address}: {said}")


def _customer(work: UnitOfWork, message: Message) -> list[Recipient]:
    return [each for each in work.mails.recipients(message.id) if each.role == "to"]


def accepted_by(work: UnitOfWork, messages: Sequence[Message], *, redirected: bool) -> Recipient | None:
    """Who has it: the customer; while all mails are redirected, also the shop in the customer's stead."""
    meant = [message for message in messages if redirected or not is_redirected(message)]
    return next((each for message in meant for each in _customer(work, message) if each.status == "sent"), None)


def _standing(work: UnitOfWork, document: Document) -> Literal["arrived", "failed", "on its way"] | None:
    """How an automatic mail stands; None: there is none."""
    messages = to_customer(work, document)
    jobs = [work.jobs.get(message.job) for message in messages if message.reason == "auto"]
    if accepted_by(work, messages, redirected=False) is not None:
        return "arrived"
    if any(_has_failed(work, job) for job in jobs):
        return "failed"
    return "on its way" if jobs else None


def _has_failed(work: UnitOfWork, job: Job) -> bool:
    """Its own try failed, or it is over; or that of another mail put it off, because their server takes nothing.

    What `rate_per_minute` puts off has not failed: it leaves no error and opens no incident.
    """
    if job.status not in {JobStatus.TODO, JobStatus.RUNNING} or job.error is not None:
        return True
    return job.next_at != job.created_at and work.incidents.is_open(LANE_DOWN, job.lane or LANE)

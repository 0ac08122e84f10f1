"""Promises mails: freezes what a mail says, and to whom it goes (rules 32, 33, 36); books what became of it. Nothing is rendered or sent here."""

from __future__ import annotations

import json
import uuid
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from oms.engine.contents import contents_of
from oms.engine.context import Listeners, tell
from oms.engine.facts import Facts
from oms.engine.failing import closed
from oms.invoicing import CREDIT_NOTE
from oms.outbox import DELIVER, LANE_DOWN, NOT_DELIVERED, REPLACED, promised
from oms.ports.drafts import NewMessage
from oms.ports.outside import Reply
from oms.ports.records import Document, Item, Message, Recipient
from oms.ports.shop import StoreProfile
from oms.ports.store import UnitOfWork

FAILED = "mail failed"
"""What listeners are told of."""
OTHER = "other"
"""The reason of a mail that went to somebody else than the customer: it says nothing of whether the customer has the paper."""
LOST = frozenset({"refused", "gave_up"})
"""Status of a recipient who is not to get a mail."""
REDIRECTED = "redirected"
"""What became of a recipient whose mail went elsewhere, for the shop was being tried when its time came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A mail that somebody wants to be sent."""

    key: str  #: a message with this key is promised once
    template: str
    reason: str  #: `auto`, `resend`, `force`, `other`
    actor: str
    document: Document | None = None  #: travels as PDF
    items: Sequence[Item] | None = None  #: those that it is about; None: those that the document bills, or all
    event: Mapping[str, object] | None = None  #: what the event's payload says, for the template
    hop: str | None = None
    with_copy: bool = False  #: a hidden copy to the shop
    address: str | None = None  #: where it goes instead of to the customer


def promise_mail(work: UnitOfWork, wish: Wish, *, facts: Facts, now: datetime) -> int | None:
    """Write the message, its recipients and the job that delivers it. None: promised before, or nobody to send it to."""
    profile, address = facts.profile, wish.address or facts.order.customer.email
    if address is None:
        _leave_to_print(work, wish, facts=facts, now=now)
        return None
    job = promised(DELIVER, {}, order=facts.head.id, hop=wish.hop, at=now, lane=profile.lane)
    message = NewMessage(
        key=wish.key,
        order=facts.head.id,
        document=wish.document.id if wish.document else None,
        template=wish.template,
        locale=facts.head.locale,
        store=profile.name,
        message_id=f"<{uuid.uuid4().hex}@{profile.sender[1].rpartition('@')[2]}>",
        reason=wish.reason,
        actor=wish.actor,
        job=job.id,
        context=json.dumps(_contents(wish, facts), ensure_ascii=False),
        created_at=now,
        recipients=envelope_of(address, profile, copies=_copies(profile, wish)),
    )
    number = work.mails.add(message)
    if number is None:
        return None
    work.jobs.add(replace(job, arguments={"message": number}))
    if wish.document is not None:
        work.prints.remove(wish.document.id)
    return number


def _contents(wish: Wish, facts: Facts) -> dict[str, object]:
    """What the template may say, frozen; `to` is there where somebody else than the customer is written to."""
    contents = contents_of(facts, items=wish.items, document=wish.document, event=wish.event or {})
    return {**contents, "to": wish.address} if wish.address is not None else contents


def _leave_to_print(work: UnitOfWork, wish: Wish, *, facts: Facts, now: datetime) -> None:
    """Nobody to send it to: a note says so, and a paper is to be printed, once however often it is to be mailed (rule 36)."""
    text = f'no mail "{wish.template}": the customer has no address'
    if wish.document is not None:
        if not work.prints.add(wish.document.id, at=now):
            return
        text += f"; print {wish.document.number}"
    work.notes.add(facts.head.id, text=text, actor=wish.actor, hop=wish.hop, at=now)


def book_replies(
    work: UnitOfWork, mail: Message, replies: Mapping[str, Reply], *, last: bool, at: datetime, listeners: Listeners, hop: str | None, lane: str
) -> list[str]:
    """Write down what became of each recipient. Returns who waits for another try.

    Args:
        work: The transaction.
        mail: What was offered.
        replies: What the server said, by address.
        last: There is no other try.
        at: Now.
        listeners: They are told who is not to get it.
        hop: What promised the mail.
        lane: The server that it was offered.
    """
    waiting = [address for address, reply in replies.items() if not last and reply.outcome in {"later", "unknown"}]
    pending = _pending(work, mail.id)
    for address, reply in replies.items():
        work.mails.mark(mail.id, address, status=_status(reply, last=last), code=_code(reply), text=reply.text, at=at)
    _report(work, mail, pending, at=at, listeners=listeners, hop=hop)
    if any(reply.outcome in {"sent", REDIRECTED} or reply.code is not None for reply in replies.values()):
        work.incidents.close(LANE_DOWN, lane, by="engine", at=at)  # whatever it answers: it listens to us again
    return waiting


def _status(reply: Reply, *, last: bool) -> str:
    if reply.outcome in {"sent", "refused"}:
        return reply.outcome
    return "gave_up" if last or reply.outcome == REDIRECTED else "pending"


def _code(reply: Reply) -> str | None:
    if reply.outcome == REDIRECTED:
        return REDIRECTED
    return str(reply.code) if reply.code is not None else "file" if reply.outcome == "sent" else None


def is_redirected(mail: Message) -> bool:
    """Whether it was promised to the shop itself, in the customer's stead."""
    return bool(json.loads(mail.context)["redirected"])


def give_up_mail(work: UnitOfWork, message: int, error: str, *, at: datetime, listeners: Listeners, hop: str | None) -> None:
    """Its job is dead (its template fails, say): nobody who waits for it gets it any more."""
    mail, pending = work.mails.get(message), _pending(work, message)
    for address in pending:
        work.mails.mark(message, address, status="gave_up", code=None, text=error, at=at)
    _report(work, mail, pending, at=at, listeners=listeners, hop=hop)


def reopen_mail(work: UnitOfWork, message: int, *, by: str, at: datetime) -> int:
    """Let those who refused it or were given up wait for it again. Returns how many."""
    for role in ("to", "bcc"):
        work.incidents.close(NOT_DELIVERED, f"mail:{message}:{role}", by=by, at=at)
    return work.mails.reopen(message)


def settle_mail(work: UnitOfWork, message: int, *, by: str, at: datetime) -> bool:
    """Another address is written to: nobody has to think of this mail any more. What its server said stays. False: its customer has it."""
    lost = [each for each in work.mails.recipients(message) if each.role == "to" and each.status != "sent" and each.code != REPLACED]
    for each in lost:
        said = " ".join(filter(None, (each.code, each.text))) or None
        work.mails.mark(message, each.address, status="gave_up", code=REPLACED, text=said, at=at)
    work.incidents.close(NOT_DELIVERED, f"mail:{message}:to", by=by, at=at)
    return bool(lost)


def _pending(work: UnitOfWork, message: int) -> set[str]:
    return {each.address for each in work.mails.recipients(message) if each.status == "pending"}


def _report(work: UnitOfWork, mail: Message, waited: Container[str], *, at: datetime, listeners: Listeners, hop: str | None) -> None:
    """Tell listeners and endpoints who of those that waited is not to get it; open and close the incidents about it."""
    recipients = work.mails.recipients(mail.id)
    lost_now = [each for each in recipients if each.address in waited and each.status in LOST]
    if mail.order is not None and lost_now:
        head, number = work.orders.lock_id(mail.order), work.documents.get(mail.document).number if mail.document is not None else None
        for lost in lost_now:
            tell(work, listeners, FAILED, _details(mail, number, lost), head=head, hop=hop, at=at)
    _open_incidents(work, mail, recipients, at)
    if mail.order is not None:
        work.orders.mark(mail.order, attention=bool(work.incidents.of(mail.order)))


def _details(mail: Message, number: str | None, lost: Recipient) -> dict[str, object]:
    about = {"mail": mail.id, "template": mail.template, "invoice": number}
    return {**about, "address": lost.address, "role": lost.role, "status": lost.status, "code": lost.code, "text": lost.text}


def _open_incidents(work: UnitOfWork, mail: Message, recipients: Sequence[Recipient], at: datetime) -> None:
    """One for customer and hidden copies each that don't get it; closed when all of them have it."""
    for role, who in (("to", "somebody else" if mail.reason == OTHER else "the customer"), ("bcc", "the hidden copy")):
        mine = [each for each in recipients if each.role == role]
        missing = next((each for each in mine if each.status in LOST), None)
        if missing is not None:
            why = closed(" ".join(filter(None, (missing.code, missing.text))))
            text = f'The mail "{mail.template}" to {who} is not delivered: {why} {_mend(mail, missing)}'
            work.incidents.open(NOT_DELIVERED, f"mail:{mail.id}:{role}", text=text, at=at, order=mail.order)
        elif all(each.status == "sent" for each in mine):
            for other in (mail, *_replaced(work, mail)):
                work.incidents.close(NOT_DELIVERED, f"mail:{other.id}:{role}", by="engine", at=at)


def _replaced(work: UnitOfWork, mail: Message) -> Sequence[Message]:
    """The mails that nobody has to think of any more once this one has arrived."""
    if mail.document is None or mail.reason == OTHER or is_redirected(mail):
        return ()
    return work.mails.of_document(mail.document)


def _mend(mail: Message, lost: Recipient) -> str:
    """What a person does about it."""
    if mail.document is None or mail.reason == OTHER or lost.role != "to":
        return f"To offer it again: oms mail retry {mail.id}."
    if lost.status == "refused":
        return "Mend the address by oms order correct, then: oms invoice send."
    return "To offer it again: oms invoice send."


def _copies(profile: StoreProfile, wish: Wish) -> tuple[str, ...]:
    """Who gets a hidden one."""
    if not wish.with_copy:
        return ()
    return profile.bcc_credit_note if wish.template == CREDIT_NOTE and profile.bcc_credit_note is not None else profile.bcc


def envelope_of(customer: str, profile: StoreProfile, *, copies: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
    """Equal addresses collapse, `to` wins. A shop that is being tried gets everything itself (rule 36)."""
    if profile.redirect_to is not None:
        return ((profile.redirect_to, "to"),)
    seen = {customer.casefold()}
    hidden = []
    for address in copies:
        if address.casefold() not in seen:
            seen.add(address.casefold())
            hidden.append((address, "bcc"))
    return ((customer, "to"), *hidden)

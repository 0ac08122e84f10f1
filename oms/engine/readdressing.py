"""Sends a mail that its customer did not get to another address: a new mail that says the same. The one before it is settled by that."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import datetime

from oms.addresses import is_address
from oms.engine.mailing import OTHER, envelope_of, settle_mail
from oms.engine.trigger import Engine
from oms.errors import Conflict, InvalidInput, Problem
from oms.outbox import DELIVER, JobStatus, promised
from oms.ports.drafts import NewMessage
from oms.ports.records import Message
from oms.ports.store import UnitOfWork


def readdress(engine: Engine, message: int, address: str, *, key: str, actor: str) -> None:
    """Offer what a mail says to another address, without hidden copies; by the same key once.

    Raises:
        InvalidInput: this is no plain mail address.
        Conflict: it carries a paper, which is mailed by itself; its customer has it; a worker is at it.
    """
    if not is_address(address):
        raise InvalidInput([Problem("address", "must be one plain mail address, as in jana@example.com.")])
    with engine.store.writing() as work:
        mail, now = work.mails.get(message), work.now()
        if mail.document is not None or mail.order is None:
            raise Conflict(f"Mail {message} carries a paper: that is mailed to another address on its order's page.")
        head = work.orders.lock_id(mail.order)
        if not _is_promised(engine, work, mail, address, key=key, actor=actor, now=now):
            return
        if work.jobs.get(mail.job).status is JobStatus.RUNNING:
            raise Conflict(f"Mail {message} is being delivered now.")
        if not settle_mail(work, message, by=actor, at=now):
            raise Conflict(f"Mail {message} was accepted, or sent to another address before.")
        work.orders.mark(head.id, attention=bool(work.incidents.of(head.id)))
        work.notes.add(head.id, text=f'mail "{mail.template}" sent to {address} instead', actor=actor, hop=None, at=now)
    engine.wake()


def _is_promised(engine: Engine, work: UnitOfWork, mail: Message, address: str, *, key: str, actor: str, now: datetime) -> bool:
    """False: it was before."""
    profile = engine.profile(mail.store)
    job = promised(DELIVER, {}, order=mail.order, hop=None, at=now, lane=profile.lane)
    new = NewMessage(
        key=f"address:{mail.id}:{key}",
        order=mail.order,
        document=None,
        template=mail.template,
        locale=mail.locale,
        store=mail.store,
        message_id=f"<{uuid.uuid4().hex}@{profile.sender[1].rpartition('@')[2]}>",
        reason=OTHER,
        actor=actor,
        job=job.id,
        context=json.dumps({**json.loads(mail.context), "to": address, "redirected": profile.redirect_to is not None}, ensure_ascii=False),
        created_at=now,
        recipients=envelope_of(address, profile),
    )
    number = work.mails.add(new)
    if number is not None:
        work.jobs.add(replace(job, arguments={"message": number}))
    return number is not None

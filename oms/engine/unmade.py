"""Papers and mails that can't be made: somebody is told at once, for no repetition mends a template (F34), and no longer than it lasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from oms.errors import MailNotMade, RenderFailed
from oms.outbox import Job
from oms.ports.records import OrderHead
from oms.ports.store import Store, UnitOfWork

NOT_PRINTED = "not printed"
"""The incident that is open as long as a job fails because a paper can't be rendered."""
NOT_MADE = "mail not made"
"""The same for a mail."""
UNMADE = (NOT_PRINTED, NOT_MADE)
"""What is over once the job has made it, or is."""


def report_unmade(work: UnitOfWork, head: OrderHead, job: Job, error: RenderFailed, *, at: datetime, sentence: str) -> None:
    """Say that it can't be made now. A mail waits for its paper first: one kind is open at a time."""
    kind = NOT_MADE if isinstance(error, MailNotMade) else NOT_PRINTED
    text = f"{sentence} It is tried again by itself; when it is mended, at once by: oms order retry {head.reference}."
    for other in UNMADE:
        if other != kind:
            work.incidents.close(other, _subject(job), by="engine", at=at)
    work.incidents.open(kind, _subject(job), text=text, at=at, order=head.id)
    work.orders.mark(head.id, attention=True)


def close_unmade(work: UnitOfWork, head: OrderHead, job: Job, *, at: datetime) -> OrderHead:
    """It was made, or is given up: the order, as it needs attention now. One that needs none has no incident that could be closed."""
    if not head.attention:
        return head
    closed = [work.incidents.close(kind, _subject(job), by="engine", at=at) for kind in UNMADE]
    if not any(closed):
        return head
    head = replace(head, attention=bool(work.incidents.of(head.id)))
    work.orders.mark(head.id, attention=head.attention)
    return head


def mail_is_made(store: Store, job: Job) -> None:
    """Close what is open of a mail, whatever its server will say; the order is locked only if there may be something."""
    if job.order is None:
        return
    with store.reading() as work:
        if not work.orders.get(job.order).attention:
            return
    with store.writing() as work:
        close_unmade(work, work.orders.lock_id(job.order), job, at=work.now())


def _subject(job: Job) -> str:
    return f"job:{job.id}"

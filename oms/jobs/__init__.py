"""What leaves the house: PDFs, mails, calls. A job runs after the commit, at least once, so each bears being run twice."""

from __future__ import annotations

import json
from collections.abc import Mapping

from oms.engine.context import JobContext, JobWord
from oms.engine.counting import MAILS_OFFERED
from oms.engine.mailing import book_replies
from oms.engine.request import is_applied
from oms.engine.unmade import mail_is_made
from oms.errors import MailNotMade, NotPossible, Paced, Permanent, RenderFailed, Temporary
from oms.failpoints import reach
from oms.jobs.calling import call_webhook, post_alert, send_alert
from oms.jobs.papers import ensure_file, render_invoice, render_paper
from oms.jobs.paying import capture_payment, freeze_capture, freeze_refund, refund_payment
from oms.outbox import ALERT, ALERT_CALL, DELIVER, LANE, MAILS
from oms.ports.keys import stored_bytes
from oms.ports.outside import Attachment, Letter, Reply
from oms.ports.records import Message
from oms.ports.shop import StoreProfile


def deliver_mail(context: JobContext, *, message: int) -> Mapping[str, object]:
    """Offer a promised mail to the server for everyone who hasn't got it yet; always the same bytes (rule 33).

    Raises:
        Temporary: somebody hasn't got it yet; only they are tried again.
        LaneDown: no server takes anything from us.
    """
    with context.store.reading() as work:
        mail = work.mails.get(message)
        pending = [each for each in work.mails.recipients(message) if each.status == "pending"]
    if not pending:
        return {}
    eml = _bytes(context, mail)
    reach("mail.before_data")
    profile, addresses, lane = context.profile(mail.store), [each.address for each in pending], context.job.lane or LANE
    _keep_pace(context, profile, lane)
    if profile.redirect_to is not None:  # also for what was promised before (rule 36)
        reply = context.tools.mailer.deliver(profile.bounce, [profile.redirect_to], eml, lane=lane)[profile.redirect_to]
        replies: Mapping[str, Reply] = {address: _redirected(reply, address, profile.redirect_to) for address in addresses}
    else:
        replies = context.tools.mailer.deliver(profile.bounce, addresses, eml, lane=lane)
    reach("mail.after_reply")
    waiting: list[str] = []

    def book() -> None:
        with context.store.writing() as work:
            last, now = context.job.attempts >= MAILS.attempts, work.now()
            waiting[:] = book_replies(work, mail, replies, last=last, at=now, listeners=context.listeners, hop=context.job.hop, lane=lane)

    context.persist(book)
    for reply in replies.values():
        context.tally.count(MAILS_OFFERED, outcome=reply.outcome)
    if waiting:
        raise Temporary(f"{', '.join(waiting)}: not accepted yet")
    return {address: reply.text for address, reply in replies.items()}


def _keep_pace(context: JobContext, profile: StoreProfile, lane: str) -> None:
    """No more mails a minute than the server takes, over all workers.

    Raises:
        Paced: this one comes later.
    """
    if profile.rate_per_minute is None:
        return
    with context.store.writing() as work:
        until = work.mails.pace(lane, most=profile.rate_per_minute, now=work.now())
    if until is not None:
        raise Paced(profile.rate_per_minute, until)


def _redirected(reply: Reply, address: str, redirect_to: str) -> Reply:
    """What is true for one to whom the mail was promised: somebody else has it."""
    if address == redirect_to or reply.outcome != "sent":
        return reply
    return Reply(reply.code, f"to {redirect_to}, as mail.redirect_to says", "redirected")


def trigger_event(context: JobContext, *, store: str, reference: str, event: str, payload: Mapping[str, object]) -> Mapping[str, object]:
    """Let an event happen that a command asked for with `context.later`. A try that failed is no answer: the next one has a key of its own."""
    key = f"later:{context.job.id}"
    with context.store.reading() as work:
        order, tries = work.orders.named(reference, store=store).id, 0
        while (row := work.triggers.find(order, f"{key}:{tries}")) and not is_applied(row):
            tries += 1
    try:
        context.trigger(reference, event, store=store, key=f"{key}:{tries}", actor="engine", payload=payload, cause=f"job:{context.job.id}")
    except NotPossible as error:
        raise Permanent(str(error)) from error
    return {}


JOBS: Mapping[str, JobWord] = {
    "render_invoice": JobWord(render_invoice),
    "render_paper": JobWord(render_paper),
    DELIVER: JobWord(deliver_mail, policy="mail"),
    "refund_payment": JobWord(refund_payment, freeze=freeze_refund),
    "capture_payment": JobWord(capture_payment, freeze=freeze_capture),
    "call_webhook": JobWord(call_webhook),
    "trigger_event": JobWord(trigger_event),
    ALERT: JobWord(send_alert, policy="mail"),
    ALERT_CALL: JobWord(post_alert),
}
"""Those that a process may name stand in `VOCABULARY`; the others are ordered by commands."""

VOCABULARY = ("refund_payment", "capture_payment", "call_webhook")


def _bytes(context: JobContext, mail: Message) -> bytes:
    """The complete message: stored before the first word to a server."""
    if mail.eml_key is not None:
        return stored_bytes(context.tools.archive, mail.eml_key, sha256=mail.eml_sha256)
    attachments: tuple[Attachment, ...] = ()
    if mail.document is not None:
        file = ensure_file(context, mail.document)
        with context.store.reading() as work:
            paper = work.documents.get(mail.document)
        data = stored_bytes(context.tools.archive, file.key, sha256=file.sha256)
        attachments = (Attachment(f"{paper.number.replace('/', '-')}.pdf", "application/pdf", data),)
    given = json.loads(mail.context)
    try:
        text = context.tools.printer.mail(mail.template, locale=mail.locale, context=given)
    except RenderFailed as error:
        raise MailNotMade(str(error)) from error
    profile, customer = context.profile(mail.store), given["customer"]
    receiver = ("", given["to"]) if "to" in given else (customer["name"], customer["email"])
    redirected = profile.redirect_to is not None and given["redirected"]
    letter = Letter(
        message_id=mail.message_id,
        sender=profile.sender,
        to=("", profile.redirect_to) if redirected and profile.redirect_to else receiver,
        reply_to=profile.reply_to,
        subject=f"[for {receiver[1]}] {text.subject}" if redirected else text.subject,
        text=text.text,
        html=text.html,
        sent_on=mail.created_at,
        attachments=attachments,
    )
    stored = context.tools.archive.put(context.tools.write_letter(letter), suffix=".eml")
    with context.store.writing() as work:
        work.mails.store_bytes(mail.id, key=stored.key, sha256=stored.sha256)
        kept = work.mails.get(mail.id)
    mail_is_made(context.store, context.job)
    return stored_bytes(context.tools.archive, kept.eml_key or stored.key, sha256=kept.eml_sha256)

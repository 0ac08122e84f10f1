"""What is said to systems and people of the shop beside its customers: calls over HTTP, and alerts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape

from oms.engine.context import JobContext
from oms.errors import Permanent, Temporary
from oms.outbox import LANE
from oms.ports.outside import Letter


def call_webhook(context: JobContext, *, url: str) -> Mapping[str, object]:
    """POST what happened to a system of the shop, as JSON with an `Idempotency-Key`. Follows no redirect, reaches no private address.

    Raises:
        Permanent: the address can't be called, or it answers 4xx.
        Temporary: nobody answers, or it answers 5xx.
    """
    with context.store.reading() as work:
        facts = context.facts(work)
    body = {
        "order": facts.head.reference,
        "store": facts.head.store,
        "state": context.job.state,
        "items": [item.label for item in facts.items if item.id in dict(context.job.items)],
    }
    return _post(context, url, body)


def send_alert(context: JobContext, *, address: str, subject: str, text: str) -> Mapping[str, object]:
    """Tell somebody of the shop what needs attention.

    Raises:
        Temporary: the server doesn't take it now.
        Permanent: it refuses the address.
    """
    profile = context.profile("")
    message_id = f"<{context.job.id}@{profile.sender[1].rpartition('@')[2]}>"
    html = f"<pre>{escape(text)}</pre>"
    letter = Letter(
        message_id=message_id,
        sender=profile.sender,
        to=("", address),
        subject=subject,
        text=text,
        html=html,
        sent_on=context.job.created_at or context.store.now(),
    )
    reply = context.tools.mailer.deliver(profile.bounce, [address], context.tools.write_letter(letter), lane=LANE)[address]
    if reply.outcome == "refused":
        raise Permanent(f"alerts.mail = {address} is refused by the mail server: {reply.text}")
    if reply.outcome != "sent":
        raise Temporary(reply.text)
    return {}


def post_alert(context: JobContext, *, url: str, subject: str, incidents: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
    """Tell a system of the shop what needs attention: a POST of JSON, as `call_webhook`'s.

    Raises:
        Permanent: the address can't be called, or it answers 4xx.
        Temporary: nobody answers, or it answers 5xx.
    """
    return _post(context, url, {"subject": subject, "incidents": incidents})


def _post(context: JobContext, url: str, body: Mapping[str, object]) -> Mapping[str, object]:
    headers = {"Content-Type": "application/json", "Idempotency-Key": context.job.id}
    answered = context.tools.webhooks.post(url, body=json.dumps(body).encode(), headers=headers)
    status = answered.code
    if status in {408, 409, 425, 429} or status >= 500:  # noqa: PLR2004 - RFC 9110
        raise Temporary(f"{url} answered {status}.", wait=answered.wait)
    if not 200 <= status < 300:  # noqa: PLR2004
        raise Permanent(f"{url} answered {status}.")
    return {"status": status}

"""Messages by the Standard Webhooks (https://www.standardwebhooks.com): what a shop's own payment page or gateway can say in a few lines."""

from __future__ import annotations

import base64
from binascii import Error
from collections.abc import Mapping
from datetime import datetime

from oms.errors import InvalidInput, InvalidOrder, NotAdmitted, Problem
from oms.money import is_currency, parse_minor
from oms.orders.raw import check_raw, load_json
from oms.ports.inbox import About, Said
from oms.ports.providers import Account
from oms.providers.reading import optional_text, text_of
from oms.providers.signatures import require_fresh, require_signed, signatures_in

_MEANINGS: Mapping[str, tuple[About, str | None]] = {
    "payment.received": ("payment", "pay"),
    "payment.authorized": ("authorization", "authorize"),
    "refund.made": ("refund", None),
}
"""`type` to what it is about, and the event that follows unless the message says another."""


class StandardWebhooks:
    """`{"type": "payment.received", "data": {"order": "A-1001", "reference": "tx_1", "amount": "168.80", "currency": "EUR"}}`."""

    def __init__(self, account: Account) -> None:
        self.name = account.name
        self._secrets = [_key(secret) for secret in account.secrets]

    def prove(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
        """`webhook-id`, `webhook-timestamp` and `webhook-signature` go together."""
        message, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not message:
            raise NotAdmitted("The message has no webhook-id.")
        require_fresh(timestamp, now=now)
        content = b".".join((message.encode("utf-8", "surrogateescape"), timestamp.encode(), body))
        given = [each.removeprefix("v1,") for each in signatures_in(headers.get("webhook-signature", ""), between=" ") if each.startswith("v1,")]
        require_signed(content, [_decoded(each) for each in given], secrets=self._secrets)

    def read(self, headers: Mapping[str, str], body: bytes) -> Said:
        """What it says. `event` is what should happen, unless it is said: `pay`, `authorize`. Its id is that of the headers, which are signed."""
        try:
            document = load_json(body)
            check_raw(document)
        except InvalidOrder as error:
            raise InvalidInput(error.problems) from error
        if not isinstance(document, dict):
            raise InvalidInput([Problem("", 'must be an object, like {"type": "payment.received", "data": {…}}.')])
        problems: list[Problem] = []
        kind, data = text_of(document, "type", "", problems), document.get("data")
        event_id = text_of(headers, "webhook-id", "/headers", problems)
        if not isinstance(data, dict):
            raise InvalidInput([*problems, Problem("/data", "must be an object.")])
        said = _said(event_id, kind, data, problems)
        if problems:
            raise InvalidInput(problems)
        return said


def _said(event_id: str, kind: str, data: Mapping[str, object], problems: list[Problem]) -> Said:
    order, store = optional_text(data, "order", "/data", problems), optional_text(data, "store", "/data", problems)
    event = optional_text(data, "event", "/data", problems)
    if kind not in _MEANINGS:
        return Said(event_id=event_id, type=kind, order=order, store=store, event=event)
    currency, amount = text_of(data, "currency", "/data", problems), text_of(data, "amount", "/data", problems)
    reference = text_of(data, "reference", "/data", problems)
    if order is None:
        problems.append(Problem("/data/order", "is missing: which order is it for?"))
    minor = 0
    try:
        minor = parse_minor(amount, currency) if is_currency(currency) else 0
    except ValueError as error:
        problems.append(Problem("/data/amount", str(error)))
    if not is_currency(currency):
        problems.append(Problem("/data/currency", 'is no currency of ISO 4217: write three capital letters, like "EUR".'))
    elif minor <= 0 and not problems:
        problems.append(Problem("/data/amount", "must be more than 0."))
    about, usual = _MEANINGS[kind]
    return Said(
        event_id=event_id,
        type=kind,
        about=about,
        event=event or usual,
        order=order,
        store=store,
        reference=reference,
        amount_minor=minor,
        currency=currency,
    )


def _key(secret: bytes) -> bytes:
    """`whsec_` and base64, or the bytes themselves."""
    try:
        return base64.b64decode(secret.removeprefix(b"whsec_"), validate=True) if secret.startswith(b"whsec_") else secret
    except Error as error:
        raise ValueError("is no secret of the Standard Webhooks: after whsec_ comes base64") from error


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (Error, ValueError):
        return b""

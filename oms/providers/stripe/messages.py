"""Stripe's messages (https://docs.stripe.com/webhooks): what was paid, what may be captured, which refund failed; metadata names the order."""

from __future__ import annotations

from binascii import Error, unhexlify
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from oms.errors import InvalidInput, InvalidOrder, Problem
from oms.money import is_currency
from oms.orders.raw import load_json
from oms.ports.inbox import About, Said
from oms.ports.providers import Account
from oms.providers.reading import optional_text, text_of
from oms.providers.signatures import require_fresh, require_signed, signatures_in
from oms.providers.stripe.amounts import from_stripe

_MEANINGS: Mapping[str, tuple[About, str | None, str]] = {
    "payment_intent.succeeded": ("payment", "pay", "amount_received"),
    "payment_intent.amount_capturable_updated": ("authorization", "authorize", "amount_capturable"),
    "refund.failed": ("failed refund", None, "amount"),
    "charge.refund.updated": ("failed refund", None, "amount"),  # of older endpoints; only if it says that it failed
}
"""Type to what it is about, the event that follows, and the key of the amount."""


class Messages:
    """An endpoint of a Stripe account."""

    def __init__(self, account: Account) -> None:
        self.name = account.name
        self._secrets = list(account.secrets)

    def prove(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
        """`Stripe-Signature: t=…,v1=…,v1=…`."""
        parts = [each.partition("=") for each in signatures_in(headers.get("stripe-signature", ""), between=",")]
        timestamp = next((value for name, _, value in parts if name.strip() == "t"), "")
        require_fresh(timestamp, now=now)
        given = [_decoded(value) for name, _, value in parts if name.strip() == "v1"]
        require_signed(timestamp.encode() + b"." + body, given, secrets=self._secrets)

    def read(self, _headers: Mapping[str, str], body: bytes) -> Said:
        """What it says; amounts are in the smallest unit of the currency."""
        try:
            document = load_json(body)
        except InvalidOrder as error:
            raise InvalidInput(error.problems) from error
        if not isinstance(document, dict):
            raise InvalidInput([Problem("", "must be an object: an Event of Stripe.")])
        problems: list[Problem] = []
        event_id, kind = text_of(document, "id", "", problems), text_of(document, "type", "", problems)
        thing = _object(document)
        if problems:
            raise InvalidInput(problems)
        if kind not in _MEANINGS or (kind == "charge.refund.updated" and thing.get("status") != "failed"):
            return Said(event_id=event_id, type=kind)
        return _said(event_id, kind, thing, problems)


def _object(document: Mapping[str, Any]) -> Mapping[str, Any]:
    data = document.get("data")
    thing = data.get("object") if isinstance(data, dict) else None
    return thing if isinstance(thing, dict) else {}


def _said(event_id: str, kind: str, thing: Mapping[str, Any], problems: list[Problem]) -> Said:
    where, (about, event, key) = "/data/object", _MEANINGS[kind]
    reference, currency = text_of(thing, "id", where, problems), text_of(thing, "currency", where, problems).upper()
    metadata = thing.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    order, store = optional_text(metadata, "order", f"{where}/metadata", problems), optional_text(metadata, "store", f"{where}/metadata", problems)
    if currency and not is_currency(currency):
        problems.append(Problem(f"{where}/currency", "is no currency of ISO 4217."))
    minor = _minor(thing.get(key), currency, f"{where}/{key}", problems)
    if problems:
        raise InvalidInput(problems)
    if order is None:  # another system's payment, on the same account
        return Said(event_id=event_id, type=kind)
    return Said(
        event_id=event_id,
        type=kind,
        about=about,
        event=event,
        order=order,
        store=store,
        reference=reference,
        amount_minor=minor,
        currency=currency,
    )


def _minor(amount: object, currency: str, where: str, problems: list[Problem]) -> int:
    """The amount in our minor units; 0 beside a fault."""
    if type(amount) is not int or not 0 < amount < 10**13:
        problems.append(Problem(where, "must be a whole number of the currency's smallest unit, more than 0."))
    elif not problems:
        try:
            return from_stripe(amount, currency)
        except ValueError as error:
            problems.append(Problem(where, str(error)))
    return 0


def _decoded(text: str) -> bytes:
    try:
        return unhexlify(text.encode("ascii"))
    except (Error, ValueError):
        return b""

"""Stripe's messages (https://docs.stripe.com/webhooks): `payment_intent.succeeded` pays the order that its metadata names."""

from __future__ import annotations

from binascii import Error, unhexlify
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from oms.errors import InvalidInput, InvalidOrder, Problem
from oms.money import is_currency
from oms.orders.raw import load_json
from oms.ports.inbox import Said
from oms.providers.reading import optional_text, text_of
from oms.providers.signatures import require_fresh, require_signed, signatures_in

PAID = "payment_intent.succeeded"


class Stripe:
    """An endpoint of a Stripe account. Whoever makes the PaymentIntent writes `order` into its metadata, and `store` if there are several."""

    def __init__(self, name: str, secrets: Sequence[bytes]) -> None:
        self.name = name
        self._secrets = list(secrets)

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
        if kind != PAID:
            return Said(event_id=event_id, type=kind)
        return _paid(event_id, thing, problems)


def _object(document: Mapping[str, Any]) -> Mapping[str, Any]:
    data = document.get("data")
    thing = data.get("object") if isinstance(data, dict) else None
    return thing if isinstance(thing, dict) else {}


def _paid(event_id: str, intent: Mapping[str, Any], problems: list[Problem]) -> Said:
    where = "/data/object"
    reference, currency = text_of(intent, "id", where, problems), text_of(intent, "currency", where, problems).upper()
    metadata = intent.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    order, store = optional_text(metadata, "order", f"{where}/metadata", problems), optional_text(metadata, "store", f"{where}/metadata", problems)
    amount = intent.get("amount_received")
    if type(amount) is not int or not 0 < amount < 10**13:
        problems.append(Problem(f"{where}/amount_received", "must be a whole number of the currency's smallest unit, more than 0."))
    if currency and not is_currency(currency):
        problems.append(Problem(f"{where}/currency", "is no currency of ISO 4217."))
    if problems:
        raise InvalidInput(problems)
    if order is None:  # another system's payment, on the same account
        return Said(event_id=event_id, type=PAID)
    return Said(
        event_id=event_id,
        type=PAID,
        about="payment",
        event="pay",
        order=order,
        store=store,
        reference=reference,
        amount_minor=amount,
        currency=currency,
    )


def _decoded(text: str) -> bytes:
    try:
        return unhexlify(text.encode("ascii"))
    except (Error, ValueError):
        return b""

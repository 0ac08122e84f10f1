"""What Stripe is asked over HTTP: where a payment stands, to refund, to capture. The shapes are those of the version that each call names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from oms.errors import Permanent, Temporary
from oms.ports.calls import Heard
from oms.ports.providers import Account, Refund, Standing, Wish
from oms.ports.records import Payment
from oms.providers.stripe.amounts import from_stripe, to_stripe

KEY = "oms_job"
"""Under this name the metadata of a refund holds the key of the job that wanted it."""

_URL = "https://api.stripe.com"
_VERSION = "2024-06-20"
_PAGE = 100
_TOLD = 200
_INTENT = re.compile("pi_[A-Za-z0-9_]{1,200}", re.ASCII)
_LATER = frozenset({408, 409, 425, 429})


class Interface:
    """One account's."""

    def __init__(self, account: Account) -> None:
        self._name, self._caller, self._key = account.name, account.caller, account.api_key
        self._url = account.url or _URL

    def standing(self, payment: Payment) -> Standing:
        """Where a PaymentIntent stands; nothing of what is none."""
        if not _INTENT.fullmatch(payment.reference):
            return Standing()
        intent = self._get(f"/v1/payment_intents/{payment.reference}")
        refunds: list[Refund] = []
        has_more = True
        while has_more:
            after = {"starting_after": refunds[-1].reference} if refunds else {}
            page = self._get("/v1/refunds", {"payment_intent": payment.reference, "limit": _PAGE, **after})
            found = [self._refund(each, payment.currency) for each in _list(page)]
            refunds += found
            has_more = page.get("has_more") is True and bool(found)
        return self._standing(intent, payment, tuple(refunds))

    def refund(self, wish: Wish) -> Refund:
        """Under the key of the job: what comes again under it is answered as the first time."""
        payment = wish.payment
        form = {
            "payment_intent": payment.reference,
            "amount": to_stripe(wish.amount_minor, payment.currency),
            f"metadata[{KEY}]": wish.key,
            "metadata[order]": wish.order,
            "metadata[store]": wish.store,
        }
        return self._refund(self._post("/v1/refunds", form, wish), payment.currency)

    def capture(self, wish: Wish) -> Standing:
        """Under the key of the job."""
        form = {"amount_to_capture": to_stripe(wish.amount_minor, wish.payment.currency)}
        return self._standing(self._post(f"/v1/payment_intents/{wish.payment.reference}/capture", form, wish), wish.payment, ())

    # ---- What it says ----

    def _standing(self, intent: Mapping[str, Any], payment: Payment, refunds: tuple[Refund, ...]) -> Standing:
        if str(intent.get("currency")).upper() != payment.currency:
            raise Permanent(f"{payment.reference} is in another currency at Stripe than it is booked in, {payment.currency}: look at it there.")
        return Standing(
            capturable_minor=_minor(intent, "amount_capturable", payment.currency),
            received_minor=_minor(intent, "amount_received", payment.currency),
            refunds=refunds,
        )

    def _refund(self, thing: Mapping[str, Any], currency: str) -> Refund:
        metadata, status = thing.get("metadata"), thing.get("status")
        return Refund(
            reference=str(thing.get("id")),
            amount_minor=_minor(thing, "amount", currency),
            status="done" if status == "succeeded" else "failed" if status in {"failed", "canceled"} else "pending",
            key=metadata.get(KEY) if isinstance(metadata, dict) else None,
            why=thing.get("failure_reason"),
        )

    # ---- How it is asked ----

    def _get(self, path: str, query: Mapping[str, object] | None = None) -> Mapping[str, Any]:
        return self._call("GET", path + (f"?{urlencode(query)}" if query else ""))

    def _post(self, path: str, form: Mapping[str, object], wish: Wish) -> Mapping[str, Any]:
        """One job may concern several payments: its key and the payment are what is done once."""
        headers = {"Idempotency-Key": f"{wish.key}:{wish.payment.reference}", "Content-Type": "application/x-www-form-urlencoded"}
        return self._call("POST", path, body=urlencode(form).encode(), headers=headers)

    def _call(self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        if self._key is None:
            raise Permanent(f"Stripe can't be asked without a key: name its file as payments.{self._name}.api_key_file in config/oms.toml.")
        common = {"Authorization": f"Bearer {self._key}", "Stripe-Version": _VERSION}
        return self._understood(self._caller.call(method, self._url + path, body=body, headers={**common, **(headers or {})}))

    def _understood(self, heard: Heard) -> Mapping[str, Any]:
        """What it answered, if it did what was asked.

        Raises:
            Temporary: it may answer otherwise later. Whether it did anything isn't known.
            Permanent: it refuses.
        """
        document = _object_in(heard.body)
        if 200 <= heard.status < 300 and "object" in document:  # noqa: PLR2004 - RFC 9110
            return document
        error = document.get("error")
        error = error if isinstance(error, dict) else {}
        is_other_wish = error.get("type") == "idempotency_error"  # the first one did something: the next try asks what
        if heard.status in _LATER or not 400 <= heard.status < 500 or is_other_wish:  # noqa: PLR2004
            raise Temporary(f"Stripe answered {heard.status}: {_told(error) or 'nothing that can be read'}", wait=heard.wait)
        if heard.status in {401, 403}:
            raise Permanent(f"Stripe doesn't let the key of payments.{self._name} do this ({heard.status}): put the right one into its api_key_file.")
        raise Permanent(f"Stripe refuses it ({heard.status}): {_told(error) or 'it does not say why'}")


def _object_in(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _list(page: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    data = page.get("data")
    if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
        raise Temporary("Stripe answered with a list of refunds that can't be read.")
    return data


def _minor(thing: Mapping[str, Any], key: str, currency: str) -> int:
    amount = thing.get(key)
    if type(amount) is not int or amount < 0:
        raise Temporary(f'Stripe answered without the amount "{key}" of {thing.get("id")}.')
    try:
        return from_stripe(amount, currency)
    except ValueError as error:
        raise Permanent(f"{key} of {thing.get('id')} {error}") from error


def _told(error: Mapping[str, Any]) -> str:
    """What it says, and its codes: `Your card was declined. (card_declined, do_not_honor)`."""
    codes = ", ".join(str(error[key]) for key in ("code", "decline_code") if error.get(key))
    words = " ".join(str(error.get("message") or "").split())[:_TOLD]
    return " ".join(part for part in (words, f"({codes})" if codes else "") if part)

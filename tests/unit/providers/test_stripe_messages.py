"""Which of Stripe's messages are believed (S16 to S18): those that Stripe's own package believes. And what they say of money."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from oms.errors import InvalidInput, NotAdmitted
from oms.ports.inbox import Said
from oms.ports.providers import Account
from oms.providers.stripe import Stripe
from oms.webhooks import Webhooks

NEW, OLD, NOBODYS = "whsec_new", "whsec_old", "whsec_of_nobody"
INTENT = {"id": "pi_1", "object": "payment_intent", "amount_received": 16880, "currency": "eur", "metadata": {"order": "A-1001", "store": "main"}}
BODY = json.dumps({"id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "data": {"object": INTENT}})
NOW = datetime.now(UTC)


@pytest.fixture
def provider() -> Stripe:
    return Stripe(Account(name="stripe", caller=Webhooks(), secrets=(NEW.encode(), OLD.encode())))


def mac(secret: str = NEW, *, body: str = BODY, at: int | None = None) -> str:
    return hmac.new(secret.encode(), f"{stamp() if at is None else at}.{body}".encode(), hashlib.sha256).hexdigest()


def stamp(**by: float) -> int:
    return int((NOW + timedelta(**by)).timestamp())


def believed(provider: Stripe, header: str | None, body: str = BODY) -> bool:
    try:
        provider.prove({} if header is None else {"stripe-signature": header}, body.encode(), now=NOW)
    except NotAdmitted:
        return False
    return True


def believed_by_stripe(header: str, secret: str, body: str) -> bool:
    try:
        stripe.Webhook.construct_event(body, header, secret, tolerance=86_400)  # it asks this machine's clock, which goes on while tests run
    except stripe.SignatureVerificationError:
        return False
    return True


@pytest.mark.parametrize(
    "header",
    [
        lambda: f"t={stamp()},v1={mac()}",
        lambda: f"t={stamp()},v1={mac(OLD)}",
        lambda: f"t={stamp()},v1={mac(NOBODYS)},v1={mac()}",
        lambda: f"t={stamp()},v1={mac()},v0={mac(NOBODYS)}",
        lambda: f"t={stamp(seconds=-290)},v1={mac(at=stamp(seconds=-290))}",
    ],
    ids=["signed", "by the old secret", "by one of several", "with an older scheme beside", "almost five minutes ago"],
)
def test_what_stripe_signed_is_believed(provider: Stripe, header: Callable[[], str]) -> None:
    assert believed(provider, header())
    assert any(believed_by_stripe(header(), secret, BODY) for secret in (NEW, OLD))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "é",
        *(f"t={stamp()}", f"v1={mac()}", f"t={stamp()},v1=", f"t={stamp()},v1={'0' * 64}", f"t={stamp()},v1=é"),
        *(f"t={stamp()},v1={mac(NOBODYS)}", f"t={stamp()},v0={mac()}", f"t={stamp()},v1={mac()[:-2]}"),
        *(f"t={stamp(seconds=1)},v1={mac()}", f"t=soon,v1={mac()}", f"t={stamp()},v1={mac(body=BODY.replace('16880', '26880'))}"),
        f"t={stamp(seconds=-310)},v1={mac(at=stamp(seconds=-310))}",
        f"t={stamp()}," + ",".join(f"v1={mac(NOBODYS)}" for _ in range(200)) + f",v1={mac()}",
    ],
    ids=lambda _: "header",  # what it says depends on the time, and names of tests must not
)
def test_what_stripe_did_not_sign_is_not_believed(provider: Stripe, header: str) -> None:
    assert not believed(provider, header)


def test_nothing_is_believed_that_says_nothing_is_written_anew_or_comes_from_tomorrow(provider: Stripe) -> None:
    assert not believed(provider, None)
    assert not believed(provider, f"t={stamp()},v1={mac()}", json.dumps(json.loads(BODY), indent=1))
    assert not believed(provider, f"t={stamp(seconds=310)},v1={mac(at=stamp(seconds=310))}")
    assert not believed(Stripe(Account(name="stripe", caller=Webhooks())), f"t={stamp()},v1={mac('')}")


def said(provider: Stripe, kind: str = "payment_intent.succeeded", **thing: Any) -> Said:
    body = json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": INTENT | thing}})
    return provider.read({}, body.encode())


def test_a_payment_is_read_with_its_order_its_store_and_its_amount_in_our_minor_units(provider: Stripe) -> None:
    found = said(provider)
    assert (found.event_id, found.about, found.event, found.reference) == ("evt_1", "payment", "pay", "pi_1")
    assert (found.order, found.store, found.amount_minor, found.currency) == ("A-1001", "main", 16880, "EUR")
    assert said(provider, currency="jpy").amount_minor == 16880
    assert said(provider, metadata={}).order is None
    assert said(provider, metadata=None).order is None
    assert said(provider, "customer.created").about == "nothing"
    assert said(provider, "charge.refund.updated", status="succeeded").about == "nothing"


@pytest.mark.parametrize(
    ("thing", "place"),
    [
        *(({"amount_received": wrong}, "/data/object/amount_received") for wrong in (0, -1, 1.5, True, "16880", None, 10**14)),
        *(({"currency": wrong}, "/data/object/currency") for wrong in ("euro", "", None, 7)),
        ({"id": ""}, "/data/object/id"),
        ({"metadata": {"order": 7}}, "/data/object/metadata/order"),
    ],
)
def test_what_says_something_impossible_of_money_is_refused_with_its_place(provider: Stripe, thing: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        said(provider, **thing)
    assert place in [problem.where for problem in refused.value.problems]

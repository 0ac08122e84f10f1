"""The stub answers as Stripe does: its own package, pointed there, reads every shape that oms reads, and raises its own errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import stripe

from tests.stripe_stub import API_KEY, BROKEN, DECLINED, IN_USE, TOO_MANY, Stub


@pytest.fixture
def client(stub: Stub) -> stripe.StripeClient:
    return stripe.StripeClient(API_KEY, base_addresses={"api": stub.url}, max_network_retries=0)


def test_an_intent_is_read_and_captured(stub: Stub, client: stripe.StripeClient) -> None:
    stub.has_authorized("pi_1", 5000)
    assert client.v1.payment_intents.retrieve("pi_1").amount_capturable == 5000
    captured = client.v1.payment_intents.capture("pi_1", {"amount_to_capture": 3000})
    assert (captured.status, captured.amount_received, captured.amount_capturable) == ("succeeded", 3000, 0)
    with pytest.raises(stripe.InvalidRequestError, match="could not be captured"):
        client.v1.payment_intents.capture("pi_1", {"amount_to_capture": 1})


def test_refunds_are_made_once_for_a_key_and_listed_page_by_page(stub: Stub, client: stripe.StripeClient) -> None:
    stub.has_paid("pi_1", 5000)
    for number in range(3):
        wish: stripe.params.RefundCreateParams = {"payment_intent": "pi_1", "amount": 100, "metadata": {"oms_job": str(number)}}
        made = [client.v1.refunds.create(wish, {"idempotency_key": f"k{number}"}) for _ in range(2)]
        assert made[0].id == made[1].id
    listed = client.v1.refunds.list({"payment_intent": "pi_1"})
    assert (len(listed.data), listed.has_more) == (2, True)
    everything = [(each.amount, each.status, each.metadata and each.metadata["oms_job"]) for each in listed.auto_paging_iter()]
    assert everything == [(100, "succeeded", str(n)) for n in (2, 1, 0)]


def test_it_refuses_as_stripe_does(stub: Stub, client: stripe.StripeClient) -> None:
    stub.has_paid("pi_1", 100)
    refund = client.v1.refunds.create
    with pytest.raises(stripe.InvalidRequestError, match="greater than"):
        refund({"payment_intent": "pi_1", "amount": 101})
    refund({"payment_intent": "pi_1", "amount": 100}, {"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError):
        refund({"payment_intent": "pi_1", "amount": 50}, {"idempotency_key": "k"})
    with pytest.raises(stripe.InvalidRequestError, match="already been refunded") as known:
        refund({"payment_intent": "pi_1"})
    assert known.value.code == "charge_already_refunded"
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent"):
        client.v1.payment_intents.retrieve("pi_2")
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("sk_test_of_nobody", base_addresses={"api": stub.url}).v1.payment_intents.retrieve("pi_1")
    kinds = ((DECLINED, stripe.CardError), (TOO_MANY, stripe.RateLimitError), (BROKEN, stripe.APIError), (IN_USE, stripe.APIError))
    for answer, kind in kinds:
        stub.scripted = [answer]
        with pytest.raises(kind):
            refund({"payment_intent": "pi_1", "amount": 1})


@pytest.mark.parametrize(
    ("capture", "status", "kind"), [("automatic", "succeeded", "succeeded"), ("manual", "requires_capture", "amount_capturable_updated")]
)
def test_a_payment_that_is_begun_is_told_of(stub: Stub, client: stripe.StripeClient, capture: str, status: str, kind: str) -> None:
    told: list[tuple[str, Mapping[str, Any]]] = []
    stub.tell = lambda kind, thing: told.append((kind, thing))
    wish: stripe.params.PaymentIntentCreateParams = {"amount": 7980, "currency": "eur", "metadata": {"order": "A-1"}, "confirm": True}
    begun = client.v1.payment_intents.create({**wish, "capture_method": capture})
    assert (begun.id, begun.status, begun.metadata["order"]) == ("pi_1", status, "A-1")
    assert [(name, thing["id"], thing["metadata"]) for name, thing in told] == [(f"payment_intent.{kind}", "pi_1", {"order": "A-1"})]

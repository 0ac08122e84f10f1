"""How Stripe is asked: what it is told, and what its answers mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from oms.errors import Permanent, Temporary
from oms.ports.providers import Account, Refund, Standing, Wish
from oms.ports.records import Payment
from oms.providers.stripe import Stripe
from oms.providers.stripe.amounts import from_stripe, to_stripe
from oms.webhooks import Webhooks
from tests.stripe_stub import API_KEY, BROKEN, DECLINED, IN_USE, LOST, SILENT, TOO_MANY, Answer, Stub, error

BOOKED = Payment(1, 1, "stripe", "pi_1", "payment", 5000, "EUR", datetime(2026, 11, 25, tzinfo=UTC), None)
WISH = Wish(payment=BOOKED, amount_minor=2000, key="job1", order="A-1", store="main")


def account(stub: Stub, *, api_key: str | None = API_KEY, seconds: float = 30) -> Account:
    return Account(name="stripe", caller=Webhooks(inside=frozenset({"127.0.0.1"}), seconds=seconds), api_key=api_key, url=stub.url)


@pytest.fixture
def provider(stub: Stub) -> Stripe:
    stub.has_paid("pi_1", 5000)
    return Stripe(account(stub))


def test_a_refund_bears_the_jobs_key_twice_where_it_is_done_once_and_where_it_is_found_again(stub: Stub, provider: Stripe) -> None:
    made = provider.refund(WISH)
    assert made == Refund(reference="re_1", amount_minor=2000, status="done", key="job1")
    (asked,) = stub.asked
    assert (asked.path, asked.key, asked.version) == ("/v1/refunds", "job1:pi_1", "2024-06-20")
    assert asked.form["metadata[order]"] == "A-1"
    assert provider.ask(BOOKED) == Standing(received_minor=5000, refunds=(made,))
    assert provider.ask(BOOKED).refundable_minor == 3000


def test_all_refunds_of_a_payment_are_asked_for_however_many_pages_they_fill(stub: Stub, provider: Stripe) -> None:
    for _ in range(5):
        stub.made_by_somebody("pi_1", 100)
    assert [refund.key for refund in provider.ask(BOOKED).refunds] == [None] * 5


def test_a_capture_says_where_the_payment_stands_then(stub: Stub, provider: Stripe) -> None:
    stub.has_authorized("pi_1", 5000)
    assert provider.ask(BOOKED) == Standing(capturable_minor=5000)
    assert provider.capture(WISH) == Standing(received_minor=2000)
    assert (stub.posts[0].path, stub.posts[0].key) == ("/v1/payment_intents/pi_1/capture", "job1:pi_1")


@pytest.mark.parametrize("answer", [TOO_MANY, BROKEN, IN_USE, LOST, error(400, "idempotency_error", "Keys for idempotent requests …"), (200, {})])
def test_what_may_have_happened_or_may_happen_later_is_tried_again(stub: Stub, provider: Stripe, answer: str | Answer) -> None:
    stub.scripted = [answer]
    with pytest.raises(Temporary):
        provider.refund(WISH)


def test_an_answer_that_never_ends_is_not_waited_for(stub: Stub) -> None:
    stub.has_paid("pi_1", 5000)
    stub.scripted = [SILENT]
    with pytest.raises(Temporary, match="took too long"):
        Stripe(account(stub, seconds=0.2)).refund(WISH)
    assert len(stub.refunds) == 1


def test_what_no_repetition_mends_says_so_in_a_sentence(stub: Stub, provider: Stripe) -> None:
    stub.scripted = [DECLINED]
    with pytest.raises(Permanent) as declined:
        provider.refund(WISH)
    assert str(declined.value) == "Stripe refuses it (402): Your card was declined. (card_declined, do_not_honor)"
    stub.made_by_somebody("pi_1", 5000)
    with pytest.raises(Permanent, match=r"already been refunded\. \(charge_already_refunded\)$"):
        provider.refund(WISH)
    with pytest.raises(Permanent, match="No such payment_intent"):
        provider.ask(replace(BOOKED, reference="pi_2"))
    with pytest.raises(Permanent, match="another currency"):
        provider.ask(replace(BOOKED, currency="USD"))


def test_a_key_that_is_missing_or_wrong_is_named_and_never_told(stub: Stub) -> None:
    with pytest.raises(Permanent, match=r"payments\.stripe\.api_key_file in config/oms\.toml"):
        Stripe(account(stub, api_key=None)).ask(BOOKED)
    with pytest.raises(Permanent, match=r"\(401\)") as wrong:
        Stripe(account(stub, api_key="sk_live_wrong")).ask(BOOKED)
    assert "sk_" not in str(wrong.value)
    assert "sk_live" not in repr(account(stub, api_key="sk_live_secret"))


def test_what_is_no_payment_of_stripe_is_not_asked_for(stub: Stub, provider: Stripe) -> None:
    for reference in ("tx_1", "pi_1/../../charges", "pi_", "pi_1?expand=x"):
        assert provider.ask(replace(BOOKED, reference=reference)) == Standing()
    assert stub.asked == []


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [(16880, "EUR", 16880), (500, "JPY", 500), (5, "ISK", 500), (7, "RSD", 700), (12340, "KWD", 12340), (3, "UGX", 300), (9, "KRW", 9)],
)
def test_amounts_are_in_stripes_smallest_unit(minor: int, currency: str, amount: int) -> None:
    assert (to_stripe(minor, currency), from_stripe(amount, currency)) == (amount, minor)


def test_a_fraction_that_a_currency_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="ISK has none"):
        from_stripe(501, "ISK")

"""Money that a provider moves: fetched when goods go out, given back when they don't, once, whatever becomes of its answers (rules 1, 2, 27)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oms.engine.inbox import receive
from oms.engine.refunding import record_refund
from oms.outbox import JobStatus
from oms.ports.inbox import About, Said
from tests.stripe_stub import API_KEY, BROKEN, DECLINED, IN_USE, LOST, TOO_MANY, Answer, Stub, error, stripe_stub
from tests.unit.engine.scene import REFERENCE, Scene
from tests.unit.engine.world import World

TOTAL = 16880


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stripe_stub() as stub:
        yield stub


def connected(stub: Stub, folder: Path) -> str:
    (folder / "stripe-key").write_text(f"{API_KEY}\n", encoding="utf-8")
    return f'[payments.stripe]\nkind = "stripe"\nurl = "{stub.url}"\napi_key_file = "{folder}/stripe-key"\n'


@pytest.fixture(params=["sqlite", "postgres"])
def card(request: pytest.FixtureRequest, tmp_path: Path, stub: Stub) -> Iterator[Scene]:
    scene = Scene(tmp_path / "shop", World(), database=request.getfixturevalue("on_server") if request.param == "postgres" else None)
    scene.open_shipped(config=connected(stub, tmp_path))
    yield scene
    scene.close()


@pytest.fixture
def on_file(tmp_path: Path, stub: Stub) -> Iterator[Scene]:
    """What doesn't differ between the databases."""
    scene = Scene(tmp_path / "shop", World())
    scene.open_shipped(config=connected(stub, tmp_path))
    yield scene
    scene.close()


def hear(scene: Scene, about: About, event: str | None, reference: str, amount: int = TOTAL, *, provider: str = "stripe") -> None:
    """A message of the provider, proved and read."""
    said = Said(
        event_id=f"{about} {reference}",
        type=about,
        about=about,
        event=event,
        order=REFERENCE,
        reference=reference,
        amount_minor=amount,
        currency="EUR",
    )
    receive(scene.shop.engine, provider, said, "{}")
    scene.shop.work()


def authorized(scene: Scene, stub: Stub, amount: int = TOTAL) -> None:
    scene.place(payment={"method": "card"})
    stub.has_authorized("pi_1", amount)
    hear(scene, "authorization", "authorize", "pi_1", amount)


def paid(scene: Scene, stub: Stub, *references: str, amount: int = TOTAL) -> None:
    scene.place()
    for reference in references or ("pi_1",):
        stub.has_paid(reference, amount)
        payload = {"amount": f"{amount / 100:.2f}", "reference": reference, "provider": "stripe"}
        scene.trigger("pay", payload=payload)
    scene.settle()


def money(scene: Scene) -> list[tuple[str, str, int]]:
    return [(each.kind, each.reference, each.amount_minor) for each in scene.order().payments if each.kind != "refund"]


def refunded(scene: Scene) -> int:
    return sum(each.amount_minor for each in scene.order().payments if each.kind == "refund")


# ---- Fetched when it is shipped ----


def test_what_the_bank_has_promised_is_fetched_when_the_goods_go_out_and_billed(card: Scene, stub: Stub) -> None:
    authorized(card, stub)
    assert card.states() == ["authorized", "authorized"]
    assert money(card) == [("authorization", "pi_1", TOTAL)]

    card.trigger("ship")
    card.drain()

    assert card.states() == ["shipped", "shipped"]
    assert money(card) == [("authorization", "pi_1", TOTAL), ("payment", "pi_1", TOTAL)]
    assert card.bills() == [(TOTAL, TOTAL)]
    assert (stub.posts[0].key, len(stub.posts)) == (f"{card.job('capture_payment').id}:pi_1", 1)
    hear(card, "payment", "pay", "pi_1")  # Stripe says so, too
    assert len(money(card)) == 2


def test_a_promise_that_covers_less_than_is_due_is_waited_on(on_file: Scene, stub: Stub) -> None:
    authorized(on_file, stub, 10000)
    assert on_file.states() == ["payment pending", "payment pending"]


def test_a_capture_whose_answer_was_lost_is_found_and_not_repeated(card: Scene, stub: Stub) -> None:
    authorized(card, stub)
    stub.scripted = [LOST]
    card.trigger("ship")
    card.settle()
    assert (card.states(), card.job("capture_payment").status) == (["capturing", "capturing"], JobStatus.TODO)

    card.settle(minutes=1)

    assert card.states() == ["shipped", "shipped"]
    assert (len(stub.posts), money(card)[1]) == (1, ("payment", "pi_1", TOTAL))


def test_the_message_may_come_before_the_capture_is_known(on_file: Scene, stub: Stub) -> None:
    authorized(on_file, stub)
    stub.scripted = [LOST]
    on_file.trigger("ship")
    on_file.settle()
    hear(on_file, "payment", "pay", "pi_1")
    on_file.settle(minutes=1)
    assert (on_file.states(), len(stub.posts), len(money(on_file))) == (["shipped", "shipped"], 1, 2)


def test_a_card_that_is_declined_waits_for_a_person_who_tries_again(on_file: Scene, stub: Stub) -> None:
    authorized(on_file, stub)
    stub.scripted = [DECLINED]
    on_file.trigger("ship")
    on_file.settle()
    assert on_file.states() == ["capture failed", "capture failed"]
    assert on_file.job("capture_payment").error == "Stripe refuses it (402): Your card was declined. (card_declined, do_not_honor)"

    on_file.trigger("retry capture")
    on_file.settle()

    assert on_file.states() == ["shipped", "shipped"]


def test_what_was_paid_otherwise_is_not_fetched(on_file: Scene) -> None:
    on_file.place(payment={"method": "card"})
    on_file.pay("168.80")
    on_file.trigger("ship")
    on_file.settle()
    assert (on_file.states(), on_file.job("capture_payment").arguments) == (["shipped"] * 2, {"amount_minor": 0, "currency": "EUR"})


def test_what_can_be_fetched_of_less_than_is_due_is_booked_and_the_rest_is_a_persons(on_file: Scene, stub: Stub) -> None:
    authorized(on_file, stub)
    stub.has_authorized("pi_1", 10000)  # the bank has thought better of it
    on_file.trigger("ship")
    on_file.settle()
    assert (on_file.states(), money(on_file)[1:]) == (["capture failed"] * 2, [("payment", "pi_1", 10000)])
    assert (on_file.job("capture_payment").error or "").startswith("68.80 EUR are due that no customer's bank has promised")
    on_file.pay("68.80", "transfer 1")
    assert on_file.states() == ["shipped", "shipped"]


# ---- Given back ----


def test_what_is_cancelled_goes_back_by_the_provider_that_took_it(card: Scene, stub: Stub) -> None:
    paid(card, stub)
    card.trigger("cancel", reason="changed their mind")
    card.settle()

    assert card.states() == ["cancelled", "cancelled"]
    (refund,) = stub.refunds
    job = card.job("refund_payment")
    assert (refund["amount"], refund["metadata"]) == (TOTAL, {"oms_job": job.id, "order": REFERENCE, "store": "main"})
    assert job.result == '{"refunded": "168.80", "currency": "EUR", "references": ["re_1"], "pending": false}'


def test_a_part_goes_back_when_a_part_is_cancelled(on_file: Scene, stub: Stub) -> None:
    paid(on_file, stub)
    on_file.trigger("cancel", "2", reason="broken")
    on_file.settle()
    assert [each["amount"] for each in stub.refunds] == [8900]
    on_file.trigger("cancel", "1", reason="the rest, too")
    on_file.settle()
    assert [each["amount"] for each in stub.refunds] == [8900, 7980]


@pytest.mark.parametrize("answer", [LOST, BROKEN, TOO_MANY, IN_USE])
def test_a_refund_that_was_not_answered_well_is_asked_for_and_made_once(on_file: Scene, stub: Stub, answer: str | Answer) -> None:
    paid(on_file, stub)
    stub.scripted = [answer]
    on_file.trigger("cancel", reason="changed their mind")
    on_file.settle()
    assert (on_file.states(), refunded(on_file)) == (["refunding", "refunding"], TOTAL)

    on_file.settle(minutes=1)

    assert (on_file.states(), len(stub.refunds)) == (["cancelled", "cancelled"], 1)
    assert len(stub.posts) == (1 if answer == LOST else 2)
    assert len({each.key for each in stub.posts}) == 1


def test_a_refund_that_is_refused_waits_for_a_person_and_counts_no_more(card: Scene, stub: Stub) -> None:
    paid(card, stub)
    stub.scripted = [error(400, "invalid_request_error", "Charge ch_1 has been charged back.", code="charge_disputed")]
    card.trigger("cancel", reason="changed their mind")
    card.settle()
    assert (card.states(), refunded(card)) == (["refund failed", "refund failed"], 0)
    assert card.job("refund_payment").error == "Stripe refuses it (400): Charge ch_1 has been charged back. (charge_disputed)"


def test_a_job_that_died_without_an_answer_is_found_by_the_one_that_a_person_orders(on_file: Scene, stub: Stub) -> None:
    """Its key is another one, so only what Stripe says keeps the money from going back twice."""
    paid(on_file, stub)
    stub.scripted = [LOST]
    on_file.trigger("cancel", "2", reason="broken")
    die_of_silence(on_file, stub)
    assert (on_file.states()[1], len(stub.refunds)) == ("refund failed", 1)

    on_file.trigger("retry refund")
    on_file.settle()

    assert (on_file.states()[1], len(stub.refunds), refunded(on_file)) == ("cancelled", 1, 8900)
    on_file.trigger("cancel", "1", reason="the rest, too")  # what was found once is not found again
    on_file.settle()
    assert [each["amount"] for each in stub.refunds] == [8900, 7980]


def test_the_newest_payments_go_back_first_each_as_far_as_it_can(on_file: Scene, stub: Stub) -> None:
    paid(on_file, stub, "pi_1", "pi_2", amount=8440)
    stub.made_by_somebody("pi_2", 1000)
    on_file.trigger("cancel", "2", reason="broken")
    on_file.settle()
    assert [(each["payment_intent"], each["amount"]) for each in stub.refunds[1:]] == [("pi_2", 7440), ("pi_1", 1460)]


def test_more_than_providers_can_pay_back_is_paid_back_by_hand_as_a_whole(on_file: Scene, stub: Stub) -> None:
    paid(on_file, stub)
    stub.made_by_somebody("pi_1", 10000)
    on_file.trigger("cancel", reason="changed their mind")
    on_file.settle()
    assert (on_file.states(), len(stub.refunds)) == (["refund failed", "refund failed"], 1)
    sentence = on_file.job("refund_payment").error or ""
    assert "pay back 168.80 EUR" in sentence
    assert "could pay back 68.80 EUR of it: nothing was." in sentence


def test_what_came_otherwise_has_no_provider_and_waits_for_a_person_at_once(on_file: Scene, stub: Stub) -> None:  # rule 2
    on_file.place()
    on_file.pay("168.80", "transfer 1")
    on_file.trigger("cancel", reason="changed their mind")
    on_file.settle()
    assert (on_file.states(), on_file.job("refund_payment").attempts, stub.asked) == (["refund failed"] * 2, 1, [])


def test_a_refund_that_fails_at_once_is_a_persons(on_file: Scene, stub: Stub) -> None:
    paid(on_file, stub)
    stub.refunds_are = "failed"
    on_file.trigger("cancel", reason="changed their mind")
    on_file.settle()
    assert "The refund re_1 failed: expired_or_canceled_card" in (on_file.job("refund_payment").error or "")
    stub.refunds_are = "succeeded"
    on_file.trigger("retry refund")
    on_file.settle()
    assert (on_file.states(), len(stub.refunds)) == (["cancelled", "cancelled"], 2)


def test_a_refund_that_fails_later_is_told(on_file: Scene, stub: Stub) -> None:
    paid(on_file, stub)
    stub.refunds_are = "pending"
    on_file.trigger("cancel", reason="changed their mind")
    on_file.settle()
    assert '"pending": true' in (on_file.job("refund_payment").result or "")

    hear(on_file, "failed refund", None, "re_1")

    (incident,) = on_file.incidents()
    assert (incident.kind, "stripe could not pay back 168.80 EUR of A-1 (re_1)" in incident.text) == ("refund failed", True)
    assert refunded(on_file) == TOTAL


def test_what_a_person_has_settled_by_hand_is_not_found_as_a_refund_of_the_next_job(on_file: Scene, stub: Stub) -> None:
    paid(on_file, stub)
    stub.scripted = [LOST]
    on_file.trigger("cancel", "2", reason="broken")
    die_of_silence(on_file, stub)
    record_refund(on_file.shop.engine, REFERENCE, "seen at Stripe: re_1", actor="petra")
    on_file.trigger("cancel", "1", reason="the rest, too")
    on_file.settle()
    assert [each["amount"] for each in stub.refunds] == [8900, 7980]


def test_the_key_stands_in_no_log_and_not_in_the_database(on_file: Scene, stub: Stub, caplog: pytest.LogCaptureFixture) -> None:  # S51
    caplog.set_level("DEBUG")
    paid(on_file, stub)
    stub.scripted = [LOST, DECLINED]
    on_file.trigger("cancel", reason="changed their mind")
    on_file.settle()
    stub.intents.clear()
    on_file.settle(minutes=1)
    assert on_file.states() == ["refund failed", "refund failed"]
    assert "refund_payment" in caplog.text
    assert API_KEY not in caplog.text
    kept = [path for path in (on_file.folder / "data").rglob("*") if path.is_file()]
    assert [path.name for path in kept if API_KEY.encode() in path.read_bytes()] == []


def die_of_silence(scene: Scene, stub: Stub) -> None:
    """A day without an answer: the job is given up, and nobody knows what its first try did."""
    scene.settle()
    stub.is_down = True
    while scene.job("refund_payment").status is not JobStatus.DEAD:
        scene.settle(hours=1.2)
    stub.is_down = False

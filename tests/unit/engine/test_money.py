"""What is due, what is paid, and how money goes back: rules 1 and 2, the commands and conditions about payments."""

from __future__ import annotations

from typing import Any

import pytest

from oms.engine.amending import Amends, amend
from oms.engine.inbox import receive
from oms.engine.refunding import record_refund
from oms.engine.sweep import sweep
from oms.errors import CommandFailed, Conflict, InvalidInput
from oms.outbox import JobStatus
from oms.ports.inbox import Said
from tests.unit.engine.scene import REFERENCE, Scene

TILL = """
initial: owing
states:
  owing: {}
  paid: {}
  invoiced: {on_enter: issue_invoice}
  refunding: {run: refund_payment, then: finish refund, on_error: fail refund, flags: [exclude from invoice]}
  refund failed: {flags: [exclude from invoice], expect_within: 1d}
  cancelled: {final: true, flags: [exclude from invoice]}
  done: {final: true}
events:
  pay: {prepare: record_payment}
  bill: {manual: true}
  cancel: {manual: true}
  finish refund: {}
  fail refund: {}
  retry refund: {manual: true}
  refund by hand: {manual: true, command: record_refund, fields: {reference: {type: text, required: true}}}
  close: {manual: true}
transitions:
  - {from: owing, event: pay, if: payment_is_settled, to: paid}
  - {from: owing, event: pay, to: owing}
  - {from: owing, event: cancel, if: payment_has_begun, to: refunding}
  - {from: owing, event: cancel, to: cancelled}
  - {from: owing, if: payment_is_settled, to: paid}
  - {from: paid, event: cancel, to: refunding}
  - {from: paid, event: bill, to: invoiced}
  - {from: invoiced, event: close, to: done}
  - {from: cancelled, event: pay, if: order_is_overpaid, to: refunding}
  - {from: refunding, event: finish refund, to: cancelled}
  - {from: refunding, event: fail refund, to: refund failed}
  - {from: refund failed, event: retry refund, to: refunding}
  - {from: refund failed, event: refund by hand, to: cancelled}
"""


def _three_cups(**changes: Any) -> dict[str, Any]:
    items = [{"sku": f"CUP-{n}", "name": "Cup", "quantity": 1, "unit_price": "20.00", "tax_rate": "19"} for n in range(3)]
    return {"items": items} | changes


def _money(scene: Scene) -> tuple[int, int]:
    """Due and paid."""
    with scene.shop.store.reading() as work:
        facts = scene.shop.engine.facts(work, 1)
        return facts.due_minor, facts.paid_minor


@pytest.fixture
def till(scene: Scene) -> Scene:
    scene.open(TILL)
    scene.place(**_three_cups())
    return scene


def test_three_times_twenty_one_cancelled_forty_paid_settles_the_other_two_and_refunds_nothing(till: Scene) -> None:  # rule 1
    till.trigger("cancel", "1")
    till.pay("40.00")
    till.drain()

    assert _money(till) == (4000, 4000)
    assert till.states() == ["cancelled", "paid", "paid"]
    assert [payment.kind for payment in till.order().payments] == ["payment"]


def test_what_is_due_falls_when_something_is_cancelled_and_the_rest_may_be_settled_by_that(till: Scene) -> None:  # rule 1
    till.pay("40.00")
    assert till.states() == ["owing", "owing", "owing"]

    till.trigger("cancel", "3")
    till.drain()

    assert _money(till) == (4000, 4000)
    assert till.states()[:2] == ["paid", "paid"]


def test_what_is_billed_is_due_even_in_a_state_that_is_excluded_from_invoices(scene: Scene) -> None:  # rule 1
    scene.open(TILL.replace("event: close, to: done}", "event: close, to: done}\n  - {from: invoiced, event: cancel, to: cancelled}"))
    scene.place(**_three_cups())
    scene.pay("60.00")
    scene.trigger("bill", "1")

    scene.trigger("cancel", "1")

    assert scene.states()[0] == "cancelled"
    assert _money(scene) == (6000, 6000)


def test_a_refund_counts_from_the_moment_it_is_ordered(till: Scene) -> None:  # rule 1
    till.pay("60.00")

    till.trigger("cancel", "1")

    assert _money(till) == (4000, 4000)
    assert [(payment.kind, payment.amount_minor) for payment in till.order().payments] == [("payment", 6000), ("refund", 2000)]
    assert till.job("refund_payment").status is JobStatus.TODO


def test_until_its_job_is_dead(till: Scene) -> None:  # rule 1
    till.pay("60.00")
    till.trigger("cancel", "1")

    till.drain()

    assert till.states()[0] == "refund failed"
    assert till.job("refund_payment").status is JobStatus.DEAD
    assert _money(till) == (4000, 6000)


def test_a_refund_that_failed_counts_no_more_while_its_on_error_has_to_be_repeated(scene: Scene) -> None:  # rule 1
    scene.open(TILL.replace("fail refund: {}", "fail refund: {command: {do: {what: log}}}"))
    scene.place(**_three_cups())
    scene.pay("60.00")
    scene.trigger("cancel")
    assert _money(scene) == (0, 0)
    scene.world.break_for("log", RuntimeError("no ink"), times=1)

    scene.drain()

    assert scene.job("refund_payment").status is JobStatus.LANDING
    assert _money(scene) == (0, 6000)
    scene.settle(seconds=12)
    assert scene.states() == ["refund failed"] * 3
    assert _money(scene) == (0, 6000)


def test_the_amount_is_frozen_when_the_refund_is_ordered(till: Scene) -> None:  # rule 1
    till.pay("60.00")
    till.trigger("cancel", "1")
    till.trigger("cancel", "2")

    amounts = [job.arguments["amount_minor"] for job in till.order().jobs if job.name == "refund_payment"]
    assert amounts == [2000, 2000]


def test_a_refund_of_nothing_is_done_without_a_call(till: Scene) -> None:  # rule 1; vocabulary: refund_payment
    till.pay("20.00")

    till.trigger("cancel", "1")  # due is 40.00 then, nothing was paid too much
    till.drain()

    assert till.job("refund_payment").arguments == {"amount_minor": 0, "currency": "EUR"}
    assert till.states()[0] == "cancelled"
    assert till.job("refund_payment").status is JobStatus.DONE


def test_without_a_provider_a_refund_waits_for_a_person_at_once(till: Scene) -> None:  # rule 2
    till.pay("60.00")
    till.trigger("cancel")
    till.drain()

    assert till.states() == ["refund failed"] * 3
    assert till.job("refund_payment").attempts == 1
    assert "60.00 EUR" in (till.job("refund_payment").error or "")


def test_a_person_may_try_the_refund_again(till: Scene) -> None:  # rule 2
    till.pay("60.00")
    till.trigger("cancel")
    till.drain()

    till.trigger("retry refund")

    assert till.job("refund_payment").arguments["amount_minor"] == 6000
    assert _money(till) == (0, 0)
    till.drain()
    assert till.states() == ["refund failed"] * 3
    assert _money(till) == (0, 6000)


def test_or_say_that_it_was_refunded_by_hand_under_a_reference(till: Scene) -> None:  # rule 2; vocabulary: record_refund
    till.pay("60.00")
    till.trigger("cancel")
    till.drain()

    till.trigger("refund by hand", payload={"reference": "bank 2026-11-26"})

    assert till.states() == ["cancelled"] * 3
    assert _money(till) == (0, 0)
    (refund,) = [payment for payment in till.order().payments if payment.kind == "refund"]
    assert (refund.provider, refund.reference, refund.amount_minor) == ("by hand", "bank 2026-11-26", 6000)


def test_a_reference_of_a_refund_by_hand_is_used_once(till: Scene) -> None:  # record_refund
    till.pay("60.00")
    till.trigger("cancel", "1")
    till.drain()
    till.trigger("refund by hand", payload={"reference": "bank 1"})
    till.trigger("cancel", "2")
    till.drain()

    with pytest.raises(CommandFailed, match='"bank 1" is booked already'):
        till.trigger("refund by hand", payload={"reference": "bank 1"})

    assert till.states()[1] == "refund failed"
    assert _money(till) == (2000, 4000)


def test_a_refund_that_failed_needs_attention_after_a_day(till: Scene) -> None:  # rule 2, keys: expect_within
    till.pay("60.00")
    till.trigger("cancel")
    till.drain()
    till.clock.move(days=1, minutes=1)

    sweep(till.shop.engine)

    assert {incident.kind for incident in till.incidents()} == {"late"}


def test_money_that_comes_after_the_cancellation_goes_back(till: Scene) -> None:  # rule 1, order_is_overpaid
    till.trigger("cancel")
    assert till.states() == ["cancelled"] * 3

    till.pay("60.00")

    assert till.states() == ["refunding"] * 3
    assert till.job("refund_payment").arguments["amount_minor"] == 6000


def test_what_is_paid_fills_the_invoices_of_an_order_the_oldest_first(scene: Scene) -> None:  # rule 9
    scene.open(TILL + "  - {from: owing, event: bill, to: invoiced}\n")
    scene.place(**_three_cups())
    for item in ("1", "2"):
        scene.trigger("bill", item)
    assert [line.open_minor for line in scene.shop.views.invoices()] == [2000, 2000]

    scene.pay("25.00")

    assert [(line.document.number, line.open_minor) for line in scene.shop.views.invoices()] == [("RE-2026-00002", 1500), ("RE-2026-00001", 0)]


# ---- Money that nobody waited for ----


@pytest.fixture
def settled(scene: Scene) -> Scene:
    """Paid as it is due; another payment is booked where the items stand."""
    scene.open(TILL + "  - {from: paid, event: pay, to: paid}\n")
    scene.place(**_three_cups())
    scene.pay("60.00", "tx_1")
    assert scene.incidents() == []
    return scene


def test_what_is_paid_too_much_needs_attention_until_somebody_says_that_it_went_back(settled: Scene) -> None:  # rules 1 and 31
    settled.pay("60.00", "tx_2")

    assert (settled.states(), _money(settled)) == (["paid"] * 3, (6000, 12000))
    (incident,) = settled.incidents()
    assert (incident.kind, incident.item) == ("overpaid", None)
    assert incident.text == ('120.00 EUR are paid, 60.00 are due: 60.00 too much. Give it back, then: oms order record-refund A-1 --reference "…".')
    assert settled.order().head.attention

    record_refund(settled.shop.engine, REFERENCE, "bank 77", actor="petra")

    assert (settled.states(), _money(settled)) == (["paid"] * 3, (6000, 6000))
    assert (settled.incidents(), settled.order().head.attention) == ([], False)
    assert settled.notes() == ["60.00 EUR went back by hand: bank 77"]
    refund = settled.order().payments[-1]
    assert (refund.provider, refund.reference, refund.kind, refund.amount_minor) == ("by hand", "bank 77", "refund", 6000)
    row = settled.order().triggers[-1]
    assert (row.event, row.actor, row.payload) == ("__refund__", "petra", '{"reference": "bank 77"}')


def test_also_when_it_is_the_first_payment_that_is_too_high(till: Scene) -> None:  # rule 31
    till.pay("75.00")

    assert till.states() == ["paid"] * 3
    assert [(incident.kind, "15.00 too much" in incident.text) for incident in till.incidents()] == [("overpaid", True)]


def test_money_that_the_process_sends_back_itself_needs_nobody(till: Scene) -> None:  # rules 1 and 31
    till.trigger("cancel")

    till.pay("60.00")

    assert (till.states(), till.incidents()) == (["refunding"] * 3, [])


def test_what_goes_back_by_an_event_of_the_process_is_no_surplus_any_more(settled: Scene) -> None:  # rules 1 and 31
    settled.pay("60.00", "tx_2")

    settled.trigger("cancel", "1")  # its refund takes all that is too much along

    assert (settled.job("refund_payment").arguments["amount_minor"], settled.incidents()) == (8000, [])


def test_a_refund_that_is_repeated_is_booked_once(settled: Scene) -> None:  # rule 11
    settled.pay("60.00", "tx_2")
    record_refund(settled.shop.engine, REFERENCE, "bank 77", actor="petra", key="k1")

    assert record_refund(settled.shop.engine, REFERENCE, "bank 77", actor="petra", key="k1").repeated
    with pytest.raises(Conflict, match="Nothing of the order A-1 is paid too much, or it is going back already: nothing was booked"):
        record_refund(settled.shop.engine, REFERENCE, "bank 77", actor="petra")
    assert _money(settled) == (6000, 6000)


def test_each_refund_has_a_reference_of_its_own(settled: Scene) -> None:  # rule 45
    for number in (2, 3):
        settled.pay("60.00", f"tx_{number}")
        if number == 2:
            record_refund(settled.shop.engine, REFERENCE, "bank 77", actor="petra")

    with pytest.raises(InvalidInput, match='"bank 77" is booked already'):
        record_refund(settled.shop.engine, REFERENCE, "bank 77", actor="petra")
    with pytest.raises(InvalidInput, match="reference: is missing"):
        record_refund(settled.shop.engine, REFERENCE, " ", actor="petra")

    assert [incident.kind for incident in settled.incidents()] == ["overpaid"]


# ---- Money of which less is due since it came ----

FALLS = """  - {from: paid, event: drop, to: cancelled}
  - {from: invoiced, event: give back, to: returned}
  - {from: returned, to: refunding}
"""


@pytest.fixture
def billed(scene: Scene) -> Scene:
    """Paid and billed as it is due."""
    process = TILL.replace("  done: {", "  returned: {on_enter: issue_credit_note, flags: [exclude from invoice]}\n  done: {")
    scene.open(process.replace("  close: {", "  drop: {manual: true}\n  give back: {manual: true}\n  close: {") + FALLS)
    scene.place(**_three_cups())
    scene.pay("60.00")
    return scene


def _credit(scene: Scene, **amends: Any) -> None:
    (paper, *_), *_ = scene.order().invoices
    amend(scene.shop.engine, paper, Amends(**amends), reason="broken", actor="petra")


def test_what_is_credited_by_hand_after_it_was_paid_needs_attention_until_it_went_back(billed: Scene) -> None:  # rules 1 and 31
    billed.trigger("bill")

    _credit(billed, units={1: 1})

    (incident,) = billed.incidents()
    assert (incident.kind, incident.text[:50]) == ("overpaid", "60.00 EUR are paid, 40.00 are due: 20.00 too much.")
    assert billed.order().head.attention
    billed.trigger("close")
    assert [each.kind for each in billed.incidents()] == ["overpaid"]

    record_refund(billed.shop.engine, REFERENCE, "bank 77", actor="petra")

    assert (billed.incidents(), billed.order().head.attention) == ([], False)


def test_the_refund_of_the_process_takes_along_what_was_credited_by_hand(billed: Scene) -> None:  # rules 1 and 31
    billed.trigger("bill")
    _credit(billed, units={1: 1})

    billed.trigger("give back", "2")
    billed.look()

    assert (billed.states(), billed.incidents()) == (["invoiced", "refunding", "invoiced"], [])
    assert billed.job("refund_payment").arguments["amount_minor"] == 4000


def test_what_is_to_be_billed_anew_is_still_due(billed: Scene) -> None:  # rule 5
    billed.trigger("bill")

    _credit(billed, reopen=True)

    assert (_money(billed), billed.incidents()) == ((6000, 6000), [])


def test_what_is_credited_where_the_process_goes_on_to_its_refund_needs_nobody(billed: Scene) -> None:  # rule 31
    billed.trigger("bill")

    billed.trigger("give back", "1")

    assert (billed.states()[0], _money(billed), billed.incidents()) == ("returned", (4000, 6000), [])


def test_what_is_paid_and_then_dropped_without_a_refund_is_too_much(billed: Scene) -> None:  # rules 1 and 31
    billed.trigger("drop", "1")

    assert [(each.kind, "20.00 too much" in each.text) for each in billed.incidents()] == [("overpaid", True)]


# ---- record_payment ----


def test_a_payment_is_booked_under_its_provider_and_reference(till: Scene) -> None:  # vocabulary: record_payment
    till.shop.trigger(REFERENCE, "pay", payload={"amount": "12.50", "currency": "EUR", "reference": "tx_1", "provider": "bank"})

    (payment,) = till.order().payments
    assert (payment.provider, payment.reference, payment.kind, payment.amount_minor, payment.currency) == ("bank", "tx_1", "payment", 1250, "EUR")


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({"amount": "12.50"}, "payload/reference: is missing: a payment has an amount and a reference."),
        ({"reference": "tx_1"}, "payload/amount: is missing: a payment has an amount and a reference."),
        ({"amount": "0.00", "reference": "tx_1"}, "payload/amount: must be more than 0. Money that goes back is a refund."),
        ({"amount": "-5.00", "reference": "tx_1"}, "payload/amount: must be more than 0. Money that goes back is a refund."),
        ({"amount": "12,50", "reference": "tx_1"}, "payload/amount: write the amount with a dot and without signs of thousands, like 1234.50."),
        ({"amount": "12.505", "reference": "tx_1"}, "payload/amount: has 3 decimals, EUR has 2: like 1234.50."),
        (
            {"amount": "12.50", "currency": "USD", "reference": "tx_1"},
            "payload/currency: is USD, but the order is in EUR: nothing was booked.",
        ),
    ],
)
def test_a_payment_that_says_too_little_or_nonsense_is_refused(till: Scene, payload: dict[str, object], sentence: str) -> None:  # record_payment
    with pytest.raises(InvalidInput) as refused:
        till.shop.trigger(REFERENCE, "pay", payload=payload)

    assert str(refused.value) == sentence
    assert till.order().payments == ()


def test_a_reference_belongs_to_one_order(till: Scene) -> None:  # rule 45
    till.place("A-2", **_three_cups())
    till.pay("20.00", "tx_1")

    with pytest.raises(Conflict, match='The payment "tx_1" is booked for another order'):
        till.pay("20.00", "tx_1", reference="A-2")


def test_the_same_reference_of_another_provider_is_another_payment(till: Scene) -> None:  # rule 45
    for provider in ("bank", "card"):
        till.shop.trigger(REFERENCE, "pay", payload={"amount": "20.00", "reference": "1", "provider": provider})

    assert len(till.order().payments) == 2


def test_listeners_are_told_of_a_payment_after_the_commit(till: Scene) -> None:  # engine.md: listeners
    till.pay("20.00")
    assert [told for told in till.world.told if told["happening"] == "payment booked"] == []

    till.drain()

    (told,) = [told for told in till.world.told if told["happening"] == "payment booked"]
    assert {key: told[key] for key in ("order", "amount", "currency", "reference")} == {
        "order": REFERENCE,
        "amount": "20.00",
        "currency": "EUR",
        "reference": "tx_1",
    }


CARD = """
initial: promised
states:
  promised: {run: capture_payment, then: settle, on_error: give up}
  paid: {final: true}
  unpaid: {}
  dropped: {final: true}
events:
  settle: {}
  give up: {}
  drop: {manual: true}
transitions:
  - {from: promised, event: settle, to: paid}
  - {from: promised, event: give up, to: unpaid}
  - {from: unpaid, event: drop, to: dropped}
"""


def test_what_nobody_has_promised_can_not_be_fetched_and_waits_for_a_person_at_once(scene: Scene) -> None:  # rule 2; vocabulary: capture_payment
    scene.open(CARD)
    scene.place(**_three_cups())
    scene.drain()

    assert scene.states() == ["unpaid"] * 3
    assert (scene.job("capture_payment").attempts, scene.job("capture_payment").arguments["amount_minor"]) == (1, 6000)
    assert "60.00 EUR are due that no customer's bank has promised" in (scene.job("capture_payment").error or "")


BANK = """
initial: asked
states:
  asked: {}
  promised: {final: true}
events:
  authorize: {}
transitions:
  - {from: asked, event: authorize, if: payment_is_authorized, to: promised}
  - {from: asked, event: authorize, to: asked}
"""


def test_what_the_customers_bank_promises_counts_as_authorized_once_it_covers_what_is_due(scene: Scene) -> None:  # vocabulary: payment_is_authorized
    scene.open(BANK)
    scene.place(**_three_cups())
    for reference, amount, state in (("pi_1", 5999, "asked"), ("pi_2", 1, "promised")):
        said = Said(
            event_id=f"evt_{reference}",
            type="authorized",
            about="authorization",
            event="authorize",
            order=REFERENCE,
            reference=reference,
            amount_minor=amount,
            currency="EUR",
        )
        receive(scene.shop.engine, "bank", said, "{}")
        scene.shop.work()
        assert (scene.states(), _money(scene)) == ([state] * 3, (6000, 0)), "nothing is paid by a promise"

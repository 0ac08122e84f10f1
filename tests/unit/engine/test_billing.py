"""Billing is a ledger: rules 5, 7 and 9, the commands `issue_invoice` and `mail_invoice`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oms.engine.jobs import run_job
from oms.errors import CommandFailed
from tests.unit.engine.scene import REFERENCE, Scene

DESK = """
initial: open
states:
  open: {}
  left: {}
  right: {}
  invoiced: {on_enter: issue_invoice}
  shipped: {}
  void: {flags: [exclude from invoice]}
  done: {final: true}
events:
  pay: {prepare: record_payment}
  turn left: {manual: true}
  turn right: {manual: true}
  bill: {manual: true}
  bill all: {manual: true, command: {issue_invoice: {scope: order}}}
  ship: {manual: true}
  unbill: {manual: true}
  drop: {manual: true}
  close: {manual: true}
transitions:
  - {from: open, event: pay, to: open}
  - {from: open, event: turn left, to: left}
  - {from: open, event: turn right, to: right}
  - {from: [open, left, right], event: bill, to: invoiced}
  - {from: open, event: bill all, to: shipped}
  - {from: invoiced, event: ship, to: shipped}
  - {from: invoiced, event: unbill, to: open}
  - {from: [open, shipped], event: drop, to: void}
  - {from: [shipped, void], event: close, to: done}
"""


def _cups(*quantities: int, **changes: Any) -> dict[str, Any]:
    items = [
        {"sku": f"CUP-{n}", "name": "Cup", "quantity": quantity, "unit_price": "20.00", "tax_rate": "19"} for n, quantity in enumerate(quantities)
    ]
    return {"items": items} | changes


def _bills(scene: Scene) -> list[tuple[str, int, int]]:
    """Number, gross, printed as paid."""
    return [(paper.number, paper.gross_minor, paper.paid_minor) for paper, _ in scene.order().invoices]


def _ledger(scene: Scene) -> list[tuple[int, int, int]]:
    """Invoice, line, quantity."""
    return [
        (invoice, line, quantity)
        for invoice, line, quantity in scene.rows("SELECT invoice, line, quantity FROM invoice_line ORDER BY invoice, line, item")
    ]


def test_an_invoice_bills_what_is_open_of_the_items_that_enter(scene: Scene) -> None:  # rule 5; vocabulary: issue_invoice
    scene.open(DESK)
    scene.place(**_cups(1, 2, 3))

    scene.trigger("bill", "1", "2")
    scene.trigger("bill", "3")

    assert _bills(scene) == [("RE-2026-00001", 6000, 0), ("RE-2026-00002", 6000, 0)]
    assert _ledger(scene) == [(1, 1, 1), (1, 2, 2), (2, 3, 3)]


def test_it_may_bill_the_whole_order_but_nothing_that_stands_in_a_state_excluded_from_invoices(scene: Scene) -> None:  # rule 5, scope
    scene.open(DESK)
    scene.place(**_cups(1, 2, 3))
    scene.trigger("drop", "2")

    scene.trigger("bill all", "1")

    assert _ledger(scene) == [(1, 1, 1), (1, 3, 3)]
    assert scene.states() == ["shipped", "void", "open"]


def test_a_state_that_is_entered_again_does_not_bill_twice(scene: Scene) -> None:  # rule 5
    scene.open(DESK)
    scene.place(**_cups(1))
    scene.trigger("bill")
    scene.trigger("unbill")

    scene.trigger("bill")

    assert _bills(scene) == [("RE-2026-00001", 2000, 0)]
    assert scene.states() == ["invoiced"]


def test_items_from_two_states_that_are_billed_together_get_one_invoice(scene: Scene) -> None:  # rules 5 and 12
    scene.open(DESK)
    scene.place(**_cups(1, 2))
    scene.trigger("turn left", "1")
    scene.trigger("turn right", "2")

    scene.trigger("bill")

    assert _bills(scene) == [("RE-2026-00001", 6000, 0)]


def test_a_part_of_a_line_is_billed_for_itself_and_the_parts_sum_to_the_whole(scene: Scene) -> None:  # rules 5 and 6
    scene.open(DESK)
    scene.place(**_cups(3, discounts=[{"name": "WELCOME", "amount": "10.00"}], shipping={"name": "DHL", "price": "4.90"}))

    for _ in range(2):
        scene.trigger("bill", ("1", 1))
    scene.trigger("bill", "1")

    assert [gross for _, gross, _ in _bills(scene)] == [1830, 1830, 1830]
    assert _ledger(scene) == [(1, 1, 1), (2, 1, 1), (3, 1, 1)]


def test_units_that_are_split_off_after_they_were_billed_stay_billed(scene: Scene) -> None:  # rules 5 and 18
    scene.open(DESK)
    scene.place(**_cups(3))
    scene.trigger("bill", ("1", 2))  # 1.1, two of them
    scene.trigger("unbill", ("1.1", 1))  # 1.2 was billed with it, 1 was not

    scene.trigger("bill", "1.2")
    assert len(_bills(scene)) == 1
    scene.trigger("bill", "1")
    assert [gross for _, gross, _ in _bills(scene)] == [4000, 2000]


def test_what_was_billed_is_due_wherever_its_parts_go(scene: Scene) -> None:  # rules 1 and 18
    scene.open(DESK)
    scene.place(**_cups(3))
    scene.trigger("bill")
    scene.trigger("ship")

    scene.trigger("drop", ("1", 1))

    with scene.shop.store.reading() as work:
        facts = scene.shop.engine.facts(work, 1)
        assert facts.due_minor == 6000
        assert {(entry.item, entry.quantity) for entry in facts.billed} == {(1, 2), (2, 1)}


def test_parts_of_parts_keep_their_share_of_the_ledger(scene: Scene) -> None:  # rules 5 and 18
    scene.open(DESK)
    scene.place(**_cups(9))
    scene.trigger("turn left", ("1", 2))  # 1.1: never billed before its own turn
    scene.trigger("bill", "1")  # 7 units
    scene.trigger("ship", ("1", 4))  # 1.2: 4 of them
    scene.trigger("drop", ("1.2", 3))  # 1.3: 3 of those
    scene.trigger("unbill", ("1", 1))  # 1.4

    with scene.shop.store.reading() as work:
        labels = {item.id: item.label for item in work.items.of(1)}
        billed = scene.shop.engine.facts(work, 1).billed
    assert {(labels[entry.item], entry.quantity) for entry in billed} == {("1", 2), ("1.2", 1), ("1.3", 3), ("1.4", 1)}
    scene.trigger("bill", "1.1", "1.4")
    assert _ledger(scene)[1:] == [(2, 1, 2)]


def test_the_seller_and_the_customer_are_frozen_in_the_snapshot(scene: Scene) -> None:  # rule 38
    scene.open(DESK)
    scene.place(**_cups(1))
    scene.trigger("bill")

    ((text,),) = scene.rows("SELECT snapshot FROM invoice")
    snapshot = json.loads(text)
    assert (snapshot["buyer"]["name"], snapshot["seller"]["name"]) == ("Jana Novak", "Kaffeehaus Muster GmbH")


def test_every_invoice_names_the_hash_of_the_one_before(scene: Scene) -> None:  # invoicing: the chain
    scene.open(DESK)
    scene.place(**_cups(1, 1))
    scene.trigger("bill", "1")
    scene.trigger("bill", "2")

    (first, second) = scene.rows("SELECT sha256, previous_sha256 FROM invoice ORDER BY id")
    assert first[1] is None
    assert second[1] == first[0]


# ---- rule 7: void units ----


def test_units_never_billed_that_are_excluded_are_void_and_their_shares_lapse_with_them(scene: Scene) -> None:  # rule 7
    scene.open(DESK)
    scene.place(**_cups(3, discounts=[{"name": "V", "amount": "6.00"}], shipping={"name": "DHL", "price": "4.50"}))

    scene.trigger("drop", ("1", 1))

    with scene.shop.store.reading() as work:
        assert scene.shop.engine.facts(work, 1).due_minor == 3900
    scene.trigger("bill all", "1")
    assert _bills(scene) == [("RE-2026-00001", 3900, 0)]


# ---- rule 9: printed as paid ----


def test_what_is_printed_as_paid_goes_to_the_oldest_invoice_first_and_never_twice(scene: Scene) -> None:  # rule 9
    scene.open(DESK)
    scene.place(**_cups(1, 1, 1))
    scene.pay("30.00", "tx_1")

    scene.trigger("bill", "1")
    scene.trigger("bill", "2")
    scene.pay("30.00", "tx_2")
    scene.trigger("bill", "3")

    assert [paid for _, _, paid in _bills(scene)] == [2000, 1000, 2000]


def test_what_came_for_an_earlier_invoice_is_not_printed_on_the_next(scene: Scene) -> None:  # rule 9
    scene.open(DESK)
    scene.place(**_cups(1, 1, 1))
    scene.trigger("bill", "1")
    scene.pay("25.00", "tx_1")

    scene.trigger("bill", "2")
    scene.pay("35.00", "tx_2")
    scene.trigger("bill", "3")

    assert [paid for _, _, paid in _bills(scene)] == [0, 500, 2000]
    assert [line.open_minor for line in scene.shop.views.invoices()] == [0, 0, 0]


def test_no_more_than_the_invoice_asks_for_is_printed_as_paid(scene: Scene) -> None:  # rule 9
    scene.open(DESK)
    scene.place(**_cups(1))
    scene.pay("500.00", "tx_1")

    scene.trigger("bill")

    assert _bills(scene) == [("RE-2026-00001", 2000, 2000)]


# ---- mail_invoice ----

POST = """
initial: open
states:
  open: {}
  invoiced: {on_enter: issue_invoice}
  mailed: {on_enter: mail_invoice, final: true}
events: {bill: {manual: true}, post: {manual: true}, back: {}, rush: {manual: true}}
transitions:
  - {from: open, event: bill, to: invoiced}
  - {from: open, event: rush, to: mailed}
  - {from: invoiced, event: post, to: mailed}
  - {from: mailed, event: back, to: invoiced}
"""


def test_an_invoice_is_mailed_once_however_often_its_state_is_entered(scene: Scene) -> None:  # rule 32
    scene.open(POST)
    scene.place(**_cups(1))
    scene.trigger("bill")
    assert scene.order().mails == ()  # only mail* commands make messages

    for _ in range(2):
        scene.trigger("post")
        scene.trigger("back")

    ((message, recipients),) = scene.order().mails
    assert (message.key, message.template, message.reason) == ("invoice:1", "invoice", "auto")
    assert [(each.address, each.role) for each in recipients] == [("jana@example.com", "to"), ("archive@kaffeehaus-muster.example", "bcc")]


def test_items_that_were_billed_apart_and_are_mailed_together_leave_no_invoice_behind(scene: Scene) -> None:  # vocabulary: mail_invoice
    scene.open(POST)
    scene.place(**_cups(1, 1))
    scene.trigger("bill", "1")
    scene.trigger("bill", "2")

    scene.trigger("post")

    assert [message.key for message, _ in scene.order().mails] == ["invoice:1", "invoice:2"]


def test_without_an_invoice_there_is_nothing_to_mail(scene: Scene) -> None:  # mail_invoice
    scene.open(POST)
    scene.place(**_cups(1))

    with pytest.raises(CommandFailed, match="No invoice was issued for these items yet"):
        scene.trigger("rush")


def test_a_customer_without_a_mail_address_gets_no_message_but_the_shop_a_note_to_print_it(scene: Scene) -> None:  # rule 36
    scene.open(POST)
    scene.place(**_cups(1, customer={"name": "Jana Novak", "email": None}))
    scene.trigger("bill")

    assert scene.trigger("post").moved

    assert scene.order().mails == ()
    assert scene.notes() == ['no mail "invoice": the customer has no address; print RE-2026-00001']


def test_an_order_that_lacks_what_the_law_wants_is_not_billed_and_not_tried_again(scene: Scene) -> None:  # issue_invoice raises Permanent
    scene.open(POST.replace("bill: {manual: true}", "bill: {after: 1m}"))
    seller = scene.folder / "config" / "seller.toml"
    seller.write_text(seller.read_text(encoding="utf-8").replace("small_business = false", "small_business = true"), encoding="utf-8")
    scene.reopen()
    scene.place(**_cups(1))

    scene.wait(minutes=1)
    scene.wait(days=1)

    assert scene.states() == ["open"]
    assert len(scene.failures()) == 1
    (incident,) = scene.incidents()
    assert "A small business (config/seller.toml) charges no tax" in incident.text
    assert scene.rows("SELECT count(*) FROM number_series") == [(0,)]


def test_the_invoice_is_rendered_by_a_job_after_the_commit(scene: Scene) -> None:  # issue_invoice
    scene.open(POST)
    scene.place(**_cups(1))

    scene.trigger("bill")

    job = scene.job("render_invoice")
    assert (job.status, job.arguments) == ("todo", {"document": 1})
    assert scene.order(REFERENCE).invoices[0][1] is None


def test_no_job_keeps_a_slot_while_another_one_makes_its_paper(scene: Scene) -> None:
    scene.open(POST)
    scene.place(**_cups(1))
    scene.trigger("bill")

    with scene.shop.engine.tools.papers.of(1):
        scene.drain()
        job = scene.job("render_invoice")
        assert (job.status, job.attempts, job.error) == ("todo", 0, None)

    scene.clock.move(seconds=5)
    scene.drain()
    assert (scene.job("render_invoice").status, scene.job("render_invoice").attempts) == ("done", 1)


def test_listeners_are_told_of_an_invoice_after_the_commit(scene: Scene) -> None:  # engine.md: listeners
    scene.open(POST)
    scene.place(**_cups(1))

    scene.trigger("bill")
    assert "invoice issued" not in {told["happening"] for told in scene.world.told}
    for job in [job for job in scene.order().jobs if job.name == "tell_listener"]:
        run_job(scene.shop.engine, job.id, worker="w")

    (told,) = [told for told in scene.world.told if told["happening"] == "invoice issued"]
    assert (told["order"], told["invoice"]) == (REFERENCE, "RE-2026-00001")

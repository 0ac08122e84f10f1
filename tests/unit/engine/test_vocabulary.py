"""The built-in vocabulary: each condition, command and due function does what its name says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oms import commands, conditions, jobs
from oms.engine.care import correct
from oms.errors import CommandFailed
from tests.unit.engine.scene import REFERENCE, Scene

HALL = """
initial: open
states:
  open: {flags: [cancellable]}
  other: {flags: [reserved]}
  invoiced: {on_enter: [issue_invoice, mail_invoice]}
  yes: {final: true}
events:
  ask: {manual: true}
  pay: {prepare: record_payment}
  cross: {manual: true}
  back: {manual: true}
  bill: {manual: true}
transitions:
  - {from: [open, other, invoiced], event: ask, if: CONDITION, to: yes}
  - {from: [open, other, invoiced], event: pay, to: open}
  - {from: open, event: cross, to: other}
  - {from: other, event: back, to: open}
  - {from: [open, other], event: bill, to: invoiced}
"""


def _two(**changes: Any) -> dict[str, Any]:
    items = [
        {"sku": f"CUP-{n}", "name": "Cup", "quantity": 1, "unit_price": "20.00", "tax_rate": "19", "data": {"color": "red" if n else "blue"}}
        for n in range(2)
    ]
    return {"items": items, "data": {"gift": True, "color": "white"}} | changes


def _ask(scene: Scene, condition: str, *before: str, **changes: Any) -> list[str]:
    """What becomes of items 1 and 2 when the condition is asked, after events (`pay 20.00`, `cross 1`)."""
    scene.open(HALL.replace("CONDITION", condition))
    scene.place(**_two(**changes))
    for number, step in enumerate(before):
        event, argument = step.split()
        if event == "pay":
            scene.pay(argument, f"tx_{number}")
        else:
            scene.trigger(event, argument)
    return ["yes" if result.outcome == "moved" else "no" for result in scene.trigger("ask").results]


CASES = [
    ("payment_is_settled", ["pay 39.99"], ["no", "no"]),
    ("payment_is_settled", ["pay 20.00", "pay 20.00"], ["yes", "yes"]),
    ("payment_is_settled", ["pay 50.00"], ["yes", "yes"]),
    ("order_is_overpaid", ["pay 40.00"], ["no", "no"]),
    ("order_is_overpaid", ["pay 40.01"], ["yes", "yes"]),
    ("payment_has_begun", [], ["no", "no"]),
    ("payment_has_begun", ["pay 0.01"], ["yes", "yes"]),
    ("invoice_is_issued", [], ["no", "no"]),
    ("invoice_is_issued", ["bill 1"], ["yes", "no"]),
    ("invoice_is_paid", ["pay 40.00"], ["no", "no"]),
    ("invoice_is_paid", ["bill 1", "pay 19.99"], ["no", "no"]),
    ("invoice_is_paid", ["bill 1", "bill 2", "pay 20.00"], ["yes", "no"]),
    ("order_is_fully_invoiced", ["bill 1"], ["no", "no"]),
    ("order_is_fully_invoiced", ["bill 1", "bill 2"], ["yes", "yes"]),
    ("invoice_is_sent", ["bill 1"], ["no", "no"]),
    ("{all_items_in: {states: [open]}}", [], ["yes", "yes"]),
    ("{all_items_in: {states: [open]}}", ["cross 1"], ["no", "no"]),
    ("{all_items_in: {states: [open, other]}}", ["cross 1"], ["yes", "yes"]),
    ("{any_item_in: {states: [other]}}", [], ["no", "no"]),
    ("{any_item_in: {states: [other]}}", ["cross 1"], ["yes", "yes"]),
    ("{has_flag: {flag: reserved}}", ["cross 1"], ["yes", "no"]),
    ("{has_flag: {flag: cancellable}}", ["cross 1"], ["no", "yes"]),
    ("{data: {gift: true}}", [], ["yes", "yes"]),
    ("{data: {gift: false}}", [], ["no", "no"]),
    ("{data: {missing: true}}", [], ["no", "no"]),
    ("{data: {color: red}}", [], ["no", "yes"]),
    ("{data: {color: blue, gift: true}}", [], ["yes", "no"]),
    ("{data: {color: white}}", [], ["no", "no"]),
    ("[payment_has_begun, {data: {color: red}}]", ["pay 1.00"], ["no", "yes"]),
]


@pytest.mark.parametrize(("condition", "before", "answers"), CASES)
def test_a_condition_answers_for_each_item(scene: Scene, condition: str, before: list[str], answers: list[str]) -> None:  # vocabulary: conditions
    assert _ask(scene, condition, *before) == answers


def test_an_invoice_is_sent_once_the_customers_server_accepted_it(scene: Scene) -> None:  # vocabulary: invoice_is_sent
    scene.open(HALL.replace("CONDITION", "invoice_is_sent"))
    scene.place(**_two())
    scene.trigger("bill", "1")
    ((message, _),) = scene.order().mails
    with scene.shop.store.writing() as work:
        work.mails.mark(message.id, "archive@kaffeehaus-muster.example", status="sent", code="250", text="OK", at=scene.clock.now)
    assert [result.outcome for result in scene.trigger("ask").results] == ["stayed", "stayed"]
    with scene.shop.store.writing() as work:
        work.mails.mark(message.id, "jana@example.com", status="sent", code="250", text="OK", at=scene.clock.now)

    assert [result.outcome for result in scene.trigger("ask").results] == ["moved", "stayed"]


# ---- Commands ----

DESK = """
initial: open
states: {open: {}, done: {final: true}}
events: {go: {manual: true}}
transitions: [{from: open, event: go, to: done, command: COMMAND}]
"""


def test_note_writes_a_remark_on_the_order(scene: Scene) -> None:  # vocabulary: note
    scene.open(DESK.replace("COMMAND", '{note: {text: "Gone for good."}}'))
    scene.place()

    scene.trigger("go", actor="petra")

    (note,) = scene.order().notes
    assert (note.text, note.actor, note.at) == ("Gone for good.", "petra", scene.clock.now)


def test_mail_promises_one_mail_to_the_customer_with_what_was_so_at_that_moment(scene: Scene) -> None:  # vocabulary: mail, rule 33
    scene.open(DESK.replace("COMMAND", "{mail: {template: shipped}}"))
    scene.place(locale="en")

    scene.trigger("go", payload={"tracking": "T1"})
    correct(scene.shop.engine, REFERENCE, {"customer": {"name": "Jana Kolar"}}, actor="petra", reason="married")

    ((message, recipients),) = scene.order().mails
    assert (message.template, message.locale, message.reason, message.document) == ("shipped", "en", "auto", None)
    assert [(each.address, each.role, each.status) for each in recipients] == [("jana@example.com", "to", "pending")]
    context = json.loads(message.context)
    assert context["customer"]["name"] == "Jana Novak"
    assert context["event"] == {"tracking": "T1"}
    assert (context["order"]["reference"], context["order"]["total_minor"], context["order"]["open_minor"]) == ("A-1", 16880, 16880)
    job = scene.job("deliver_mail")
    assert (job.id, job.arguments) == (message.job, {"message": message.id})


def test_a_hop_promises_a_mail_once_however_often_it_says_so(scene: Scene) -> None:  # rule 32
    scene.open(DESK.replace("COMMAND", "[{mail: {template: shipped}}, {mail: {template: shipped}}]"))
    scene.place()

    scene.trigger("go")

    assert len(scene.order().mails) == 1


def test_a_mail_to_nobody_becomes_a_note(scene: Scene) -> None:  # rule 36
    scene.open(DESK.replace("COMMAND", "{mail: {template: shipped}}"))
    scene.place(customer={"name": "Jana Novak", "email": None})

    scene.trigger("go")

    assert scene.order().mails == ()
    assert scene.notes() == ['no mail "shipped": the customer has no address']


def test_a_hop_that_fails_promises_nothing(scene: Scene) -> None:  # law 2
    scene.open(DESK.replace("COMMAND", "[{mail: {template: shipped}}, {do: {what: fail}}]"))
    scene.place()
    scene.world.broken["fail"] = RuntimeError("no")

    with pytest.raises(CommandFailed):
        scene.trigger("go")

    assert scene.order().mails == ()
    assert [job.name for job in scene.order().jobs if job.name == "deliver_mail"] == []


# ---- Due functions ----

DUE = """
initial: open
states: {open: {}, invoiced: {on_enter: issue_invoice}, waiting: {}, done: {final: true}}
events: {bill: {manual: true}, wait: {manual: true}, remind: {at: {due: invoice_due}}}
transitions:
  - {from: open, event: bill, to: invoiced}
  - {from: [open, invoiced], event: wait, to: waiting}
  - {from: waiting, event: remind, to: done}
"""


def test_an_invoice_is_due_at_the_end_of_its_last_day_in_the_stores_zone(scene: Scene) -> None:  # vocabulary: invoice_due
    scene.open(DUE)
    scene.place()
    scene.trigger("bill")
    scene.trigger("wait")

    assert {timer.due_at for timer in scene.timers()} == {datetime(2026, 12, 9, 23, 0, tzinfo=UTC)}  # 14 days after November 25th; midnight in Berlin


def test_an_item_that_is_not_billed_has_no_due_date_to_wait_for(scene: Scene) -> None:  # vocabulary: invoice_due
    scene.open(DUE)
    scene.place()

    with pytest.raises(CommandFailed, match="Item 1 has no invoice with a due date to wait for"):
        scene.trigger("wait")


def test_a_due_date_that_is_past_is_asked_for_at_the_next_tick(scene: Scene) -> None:  # rule 22
    scene.open(DUE)
    scene.place()
    scene.trigger("bill")
    scene.clock.now += timedelta(days=40)
    scene.trigger("wait")

    scene.drain()

    assert scene.states() == ["done", "done"]


def test_every_word_has_a_test_that_names_it() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    words = [*(word.__name__ for word in (*commands.COMMANDS, *conditions.DUES)), *jobs.VOCABULARY]
    assert [word for word in words if f"vocabulary: {word}" not in sources] == []
    asked = " ".join(condition for condition, _, _ in CASES)
    words = [word.__name__ for word in conditions.CONDITIONS if word.__name__ not in asked]
    assert [word for word in words if f"vocabulary: {word}" not in sources] == []

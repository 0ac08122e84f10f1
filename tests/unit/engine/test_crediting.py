"""Credit notes in processes and by hand: rules 1, 5, 7, 8, 9; `issue_credit_note`, `cancel_invoice`, `mail_credit_note`, `invoice_is_credited`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oms.engine.amending import Amends, amend
from oms.engine.care import correct
from oms.errors import CommandFailed, Conflict
from oms.ports.records import Document
from tests.unit.engine.scene import REFERENCE, Scene

DESK = """
initial: open
states:
  open: {}
  invoiced: {on_enter: [issue_invoice, mail_invoice]}
  returned: {flags: [exclude from invoice], on_enter: [CREDIT, mail_credit_note]}
  void: {flags: [exclude from invoice]}
  asked: {}
  done: {final: true}
events:
  pay: {prepare: record_payment}
  bill: {manual: true}
  bill all: {manual: true, command: {issue_invoice: {scope: order}}}
  return: {manual: true}
  again: {manual: true}
  drop: {manual: true}
  cancel: {manual: true, command: cancel_invoice}
  redo: {manual: true, command: [{cancel_invoice: {reopen: true}}, issue_invoice]}
  ask: {manual: true}
  close: {manual: true}
transitions:
  - {from: [open, invoiced], event: pay, to: open}
  - {from: open, event: bill, to: invoiced}
  - {from: open, event: bill all, to: invoiced}
  - {from: [open, invoiced], event: return, to: returned}
  - {from: returned, event: again, to: invoiced}
  - {from: open, event: drop, to: void}
  - {from: invoiced, event: cancel, to: void}
  - {from: invoiced, event: redo, to: invoiced}
  - {from: [invoiced, returned], event: ask, if: invoice_is_credited, to: asked}
  - {from: [asked, void, returned], event: close, to: done}
"""


def _desk(credit: str = "issue_credit_note") -> str:
    return DESK.replace("CREDIT", credit)


def _cups(*quantities: int, **changes: Any) -> dict[str, Any]:
    items = [
        {"sku": f"CUP-{n}", "name": "Cup", "quantity": quantity, "unit_price": "20.00", "tax_rate": "19"} for n, quantity in enumerate(quantities)
    ]
    return {"items": items} | changes


VOUCHER_AND_SHIPPING = {"discounts": [{"name": "WELCOME", "amount": "6.00"}], "shipping": {"name": "DHL", "price": "4.50"}}
"""With three cups: 58.50; one cancelled before it is billed: 39.00 (rule 7)."""


def _papers(scene: Scene) -> list[tuple[str, int, int]]:
    """Number, what it asks for or gives back, printed as paid."""
    return [(paper.number, paper.payable_minor, paper.paid_minor) for paper, _ in scene.order().invoices]


def _due(scene: Scene) -> tuple[int, int]:
    """due(order) and paid(order)."""
    with scene.shop.store.reading() as work:
        facts = scene.shop.engine.facts(work, scene.order().head.id)
        return facts.due_minor, facts.paid_minor


def _amend(scene: Scene, number: str, *, reason: str = "broken", **amends: Any) -> str:
    with scene.shop.store.reading() as work:
        paper = work.documents.numbered(number)
    return amend(scene.shop.engine, paper, Amends(**amends), reason=reason, actor="petra").results[0].why or ""


def _open(scene: Scene) -> list[tuple[str, int]]:
    return [(line.document.number, line.open_minor) for line in reversed(scene.shop.views.invoices())]


def test_one_of_three_cancelled_before_the_invoice_is_not_billed_and_takes_its_shares_with_it(scene: Scene) -> None:  # rule 7
    scene.open(_desk())
    scene.place(**_cups(1, 1, 1, **VOUCHER_AND_SHIPPING))
    scene.trigger("drop", "2")

    scene.trigger("bill all", "1", "3")

    assert _papers(scene) == [("RE-2026-00001", 3900, 0)]
    assert _due(scene) == (3900, 0)


def test_one_of_three_cancelled_after_the_invoice_is_credited_with_its_voucher_and_without_shipping(scene: Scene) -> None:  # rules 7, 8
    scene.open(_desk())
    scene.place(**_cups(1, 1, 1, **VOUCHER_AND_SHIPPING))
    scene.trigger("bill")

    scene.trigger("return", "2")  # vocabulary: issue_credit_note

    assert _papers(scene) == [("RE-2026-00001", 5850, 0), ("RK-2026-00001", 1800, 0)]
    assert _due(scene) == (4050, 0)
    assert _open(scene) == [("RE-2026-00001", 4050), ("RK-2026-00001", 0)]


def test_the_last_unit_of_an_order_brings_the_shipping_back(scene: Scene) -> None:  # rule 8, with_last
    scene.open(_desk())
    scene.place(**_cups(1, 1, 1, **VOUCHER_AND_SHIPPING))
    scene.trigger("bill", "1")
    scene.trigger("bill", "2", "3")
    scene.trigger("return", "1")

    scene.trigger("return", "2", "3")

    assert _papers(scene) == [
        ("RE-2026-00001", 1950, 0),
        ("RE-2026-00002", 3900, 0),
        ("RK-2026-00001", 1800, 0),
        ("RK-2026-00002", 150, 0),  # what was left of the first invoice
        ("RK-2026-00003", 3900, 0),
    ]
    assert _due(scene) == (0, 0)


@pytest.mark.parametrize(("shipping", "credited"), [("share", [1950, 1950, 1950]), ("never", [1800, 1800, 1800])])
def test_shipping_may_come_back_with_each_unit_or_never(scene: Scene, shipping: str, credited: list[int]) -> None:  # rule 8
    scene.open(_desk(f"{{issue_credit_note: {{shipping: {shipping}}}}}"))
    scene.place(**_cups(1, 1, 1, **VOUCHER_AND_SHIPPING))
    scene.trigger("bill")

    for item in "123":
        scene.trigger("return", item)

    assert [minor for number, minor, _ in _papers(scene) if number.startswith("RK")] == credited


def test_what_is_credited_is_not_credited_again_and_what_was_never_billed_needs_no_credit(scene: Scene) -> None:
    scene.open(_desk())
    scene.place(**_cups(1, 1))
    scene.trigger("bill", "1")
    scene.trigger("return", "1", "2")
    scene.trigger("again", "1")

    scene.trigger("return", "1")

    assert _papers(scene) == [("RE-2026-00001", 2000, 0), ("RK-2026-00001", 2000, 0)]


def test_a_credit_note_is_mailed_once_with_a_copy_and_names_its_invoice(scene: Scene) -> None:  # vocabulary: mail_credit_note
    scene.open(_desk())
    scene.place(**_cups(2))
    scene.trigger("bill")
    scene.trigger("return", ("1", 1), reason="too large")

    ((invoice, _), (credit, recipients)) = scene.order().mails
    said = json.loads(credit.context)
    assert (invoice.template, credit.template) == ("invoice", "credit_note")
    assert [(each.address, each.role) for each in recipients] == [("jana@example.com", "to"), ("archive@kaffeehaus-muster.example", "bcc")]
    assert said["credit_note"] == {
        "link": None,
        "number": "RK-2026-00001",
        "issued_on": "2026-11-25",
        "gross_minor": 2000,
        "invoice": "RE-2026-00001",
        "invoice_issued_on": "2026-11-25",
    }
    assert [(item["name"], item["quantity"], item["total_minor"]) for item in said["items"]] == [("Cup", 1, 2000)]
    with scene.shop.store.reading() as work:
        assert json.loads(work.documents.snapshot(2))["reason"] == "too large"


def test_units_that_are_split_off_after_a_credit_stay_credited(scene: Scene) -> None:  # rules 8 and 18
    scene.open(_desk())
    scene.place(**_cups(3))
    scene.trigger("bill")
    _amend(scene, "RE-2026-00001", units={1: 1})

    scene.trigger("return", ("1", 2))

    assert [minor for _, minor, _ in _papers(scene)] == [6000, 2000, 4000]


def test_whether_an_item_is_credited_can_be_asked(scene: Scene) -> None:  # vocabulary: invoice_is_credited
    scene.open(_desk())
    scene.place(**_cups(2, 1))
    scene.trigger("bill")
    _amend(scene, "RE-2026-00001", units={1: 1, 2: None})

    assert [result.outcome for result in scene.trigger("ask").results] == ["stayed", "moved"]


def test_a_cancelled_invoice_is_credited_with_all_that_is_left_of_it(scene: Scene) -> None:  # vocabulary: cancel_invoice
    scene.open(_desk())
    scene.place(**_cups(1, 2, **VOUCHER_AND_SHIPPING))
    scene.trigger("bill")
    scene.trigger("return", "1")

    scene.trigger("cancel", "2", reason="never sent")

    assert _papers(scene) == [("RE-2026-00001", 5850, 0), ("RK-2026-00001", 1800, 0), ("RK-2026-00002", 4050, 0)]
    assert _due(scene) == (0, 0)


def test_a_cancelled_invoice_may_be_billed_anew_to_the_right_address(scene: Scene) -> None:  # rule 5
    scene.open(_desk())
    scene.place(**_cups(3, **VOUCHER_AND_SHIPPING))
    scene.trigger("bill", ("1", 1))
    scene.trigger("bill", "1")
    correct(scene.shop.engine, REFERENCE, {"customer": {"name": "Jana Kolar"}}, actor="petra", reason="married")

    scene.trigger("redo", "1.1")

    papers = _papers(scene)
    assert [minor for _, minor, _ in papers] == [1950, 3900, 1950, 1950]
    assert _due(scene) == (5850, 0)
    assert _open(scene) == [("RE-2026-00001", 0), ("RE-2026-00002", 3900), ("RK-2026-00001", 0), ("RE-2026-00003", 1950)]


def test_what_was_paid_on_a_cancelled_invoice_is_printed_as_paid_on_the_new_one(scene: Scene) -> None:  # rule 9
    scene.open(_desk())
    scene.place(**_cups(1))
    scene.pay("20.00")
    scene.trigger("bill")

    scene.trigger("redo")

    assert _papers(scene) == [("RE-2026-00001", 2000, 2000), ("RK-2026-00001", 2000, 0), ("RE-2026-00002", 2000, 2000)]


def test_what_came_back_is_not_billed_anew_with_the_rest(scene: Scene) -> None:
    """The remainder of the invoice is cancelled; of its two cups one stands in a state that is excluded from invoices."""
    scene.open(_desk())
    scene.place(**_cups(1, 1, shipping={"name": "DHL", "price": "4.00"}))
    scene.trigger("bill")
    scene.trigger("return", "1")

    scene.trigger("redo", "2")

    assert [(number, minor) for number, minor, _ in _papers(scene)] == [
        ("RE-2026-00001", 4400),
        ("RK-2026-00001", 2000),
        ("RK-2026-00002", 2400),
        ("RE-2026-00002", 2200),
    ]
    assert _due(scene) == (2200, 0)


def test_a_credit_sets_free_only_what_was_paid(scene: Scene) -> None:  # rule 9
    scene.open(_desk())
    scene.place(**_cups(1, 1))
    scene.trigger("bill", "1")
    scene.trigger("return", "1")
    scene.trigger("bill", "2")
    scene.trigger("redo", "2")

    assert [paid for _, _, paid in _papers(scene)] == [0, 0, 0, 0, 0]
    assert _open(scene)[-1] == ("RE-2026-00003", 2000)


def test_of_a_partly_paid_invoice_a_credit_sets_free_what_it_no_longer_asks_for(scene: Scene) -> None:  # rule 9
    scene.open(_desk())
    scene.place(**_cups(2, 2))
    scene.pay("30.00")
    scene.trigger("bill", "1")
    scene.trigger("return", ("1", 1))
    scene.trigger("bill", "2")

    assert _papers(scene) == [("RE-2026-00001", 4000, 3000), ("RK-2026-00001", 2000, 0), ("RE-2026-00002", 4000, 1000)]


def test_a_cent_that_does_not_divide_is_not_lost_when_a_part_is_billed_anew(scene: Scene) -> None:
    """3 for 1.00: 0.33, 0.34, 0.33. The first is cancelled and billed anew after the second: the sum stays 1.00."""
    scene.open(_desk())
    bundle = {"id": "B", "name": "Set", "price": "1.00"}
    scene.place(items=[{"sku": "C", "name": "Cup", "quantity": 3, "unit_price": "1.00", "tax_rate": "19", "bundle": bundle}])
    scene.trigger("bill", ("1", 1))
    scene.trigger("bill", ("1", 1))

    scene.trigger("redo", "1.1")
    scene.trigger("bill", "1")

    assert [minor for _, minor, _ in _papers(scene)] == [33, 34, 33, 33, 33]
    assert _due(scene) == (100, 0)


def test_a_credit_makes_what_was_paid_too_much(scene: Scene) -> None:  # rule 1
    scene.open(_desk())
    scene.place(**_cups(1, 1))
    scene.pay("40.00")
    scene.trigger("bill")

    scene.trigger("return", "1")

    assert _due(scene) == (2000, 4000)


# ---- By hand ----


def _unmailed(seq: int) -> str:
    return f". Not mailed: oms invoice send RK-2026-{seq:05} does that"


def test_a_person_credits_an_amount_or_units_with_a_reason(scene: Scene) -> None:
    scene.open(_desk())
    scene.place(**_cups(2, 1))
    scene.trigger("bill")

    assert _amend(scene, "RE-2026-00001", amounts={0: 300}) == f"RK-2026-00001 credits 3.00 EUR of RE-2026-00001{_unmailed(1)}"
    assert _amend(scene, "RE-2026-00001", units={2: None}, mail=True) == "RK-2026-00002 credits 19.00 EUR of RE-2026-00001. Credited: 1 x Cup"
    assert _amend(scene, "RE-2026-00001") == f"RK-2026-00003 credits 38.00 EUR of RE-2026-00001{_unmailed(3)}"

    assert scene.mails() == ["invoice", "credit_note"]
    assert _due(scene) == (0, 0)
    assert [note.text for note in scene.order().notes] == [
        "RK-2026-00001 credits 3.00 EUR of RE-2026-00001: broken",
        "RK-2026-00002 credits 19.00 EUR of RE-2026-00001: broken",
        "RK-2026-00003 credits 38.00 EUR of RE-2026-00001: broken",
    ]


@pytest.mark.parametrize(
    ("number", "amends", "said"),
    [
        ("RE-2026-00001", {"units": {1: 3}}, "Of line 1 2 units are left to credit on RE-2026-00001, not 3."),
        ("RE-2026-00001", {"amounts": {0: 4001}}, "A credit of 40.01 EUR can't be given on RE-2026-00001: 40.00 are left."),
        ("RE-2026-00001", {"units": {1: 1}, "reopen": True}, "Only a whole invoice is billed anew: leave lines, amounts and shipping out."),
        ("RE-2026-00002", {}, "RE-2026-00002 can't be credited: it is a credit note itself, or was cancelled to be billed anew."),
        ("RE-2026-00002", {"reopen": True}, "Nothing is left to credit of RE-2026-00002: it is credited already."),
        ("RK-2026-00001", {}, "RK-2026-00001 can't be credited: it is a credit note itself, or was cancelled to be billed anew."),
    ],
)
def test_what_cannot_be_credited_is_refused_and_changes_nothing(scene: Scene, number: str, amends: dict[str, Any], said: str) -> None:
    scene.open(_desk())
    scene.place(**_cups(2, 1))
    scene.trigger("bill", "1")
    scene.trigger("bill", "2")
    _amend(scene, "RE-2026-00002", reopen=True)
    before = _papers(scene)

    with pytest.raises(Conflict) as refused:
        _amend(scene, number, **amends)

    assert str(refused.value) == said
    assert _papers(scene) == before


def test_who_has_an_invoice_billed_anew_is_told_what_was_credited_of_it_before(scene: Scene) -> None:
    """It is void as a whole, so what was credited by hand is billed again. What came back (line 3) is not: its state keeps it from being billed."""
    scene.open(_desk())
    scene.place(**_cups(2, 1, 1))
    scene.trigger("bill")
    _amend(scene, "RE-2026-00001", amounts={2: 300})
    _amend(scene, "RE-2026-00001", units={1: 1})
    scene.trigger("return", "3")

    said = _amend(scene, "RE-2026-00001", reopen=True)

    again = "RK-2026-00001, RK-2026-00002 credited some of RE-2026-00001 before, which is billed anew, too: credit it on the new invoice as well"
    assert said == f"RK-2026-00004 credits 37.00 EUR of RE-2026-00001. {again}{_unmailed(4)}"
    assert again in scene.notes()
    assert _due(scene) == (6000, 0)


def test_nobody_is_told_to_credit_again_what_is_not_billed_anew(scene: Scene) -> None:
    scene.open(_desk())
    scene.place(**_cups(1, 1))
    scene.trigger("bill")
    scene.trigger("return", "1")

    assert _amend(scene, "RE-2026-00001", reopen=True) == f"RK-2026-00002 credits 20.00 EUR of RE-2026-00001{_unmailed(2)}"
    assert scene.notes() == ["RK-2026-00002 credits 20.00 EUR of RE-2026-00001: broken"]


def test_a_process_that_bills_anew_leaves_a_note_of_what_was_credited_before(scene: Scene) -> None:
    scene.open(_desk())
    scene.place(**_cups(1))
    scene.trigger("bill")
    _amend(scene, "RE-2026-00001", amounts={0: 300})

    scene.trigger("redo")

    (note,) = (note for note in scene.notes() if "billed anew" in note)
    assert note.startswith("RK-2026-00001 credited some of RE-2026-00001 before")


def test_a_repeated_key_credits_once(scene: Scene) -> None:  # rule 11
    scene.open(_desk())
    scene.place(**_cups(2))
    scene.trigger("bill")
    with scene.shop.store.reading() as work:
        paper: Document = work.documents.numbered("RE-2026-00001")

    answers = [amend(scene.shop.engine, paper, Amends(units={1: 1}), reason="broken", actor="petra", key="k") for _ in range(2)]

    assert [answer.repeated for answer in answers] == [False, True]
    assert len(_papers(scene)) == 2


def test_without_an_invoice_nothing_is_cancelled(scene: Scene) -> None:
    scene.open(_desk("cancel_invoice"))
    scene.place(**_cups(1))
    with pytest.raises(CommandFailed, match="No invoice was issued for these items yet"):
        scene.trigger("return")

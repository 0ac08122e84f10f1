"""Invoices that no mail carries, for the customer has no address: the list of what a person has to print (rule 36)."""

from __future__ import annotations

import pytest

from oms.engine.care import correct
from oms.engine.deliveries import mark_printed, send
from oms.errors import Conflict
from oms.ports.records import Document
from tests.unit.engine.scene import REFERENCE, Scene

DESK = """
initial: open
states: {open: {}, billed: {on_enter: [issue_invoice, mail_invoice]}, checked: {}, done: {final: true}}
events:
  bill: {manual: true}
  look: {manual: true}
  again: {manual: true, command: mail_invoice}
  close: {manual: true}
transitions:
  - {from: open, event: bill, to: billed}
  - {from: billed, event: look, to: checked}
  - {from: checked, event: again, to: billed}
  - {from: billed, event: close, to: done}
"""
NOBODY = {"name": "Jana Novak", "email": None}


@pytest.fixture
def billed(scene: Scene) -> Scene:
    scene.open(DESK)
    scene.place(customer=NOBODY)
    scene.trigger("bill")
    return scene


def _to_print(scene: Scene) -> list[str]:
    return [line.document.number for line in scene.shop.views.invoices(to_print=True)]


def _states(scene: Scene) -> list[str]:
    return [line.mail for line in scene.shop.views.invoices()]


def _papers(scene: Scene) -> list[Document]:
    return [paper for paper, _ in scene.order().invoices]


def _send(scene: Scene, *, force: bool = False) -> list[str]:
    return [delivery.outcome for delivery in send(scene.shop.engine, _papers(scene), force=force, dry_run=False, actor="petra")]


def test_an_invoice_of_a_customer_without_an_address_is_to_be_printed_and_a_note_says_so(billed: Scene) -> None:
    assert (_to_print(billed), _states(billed)) == (["RE-2026-00001"], ["to print"])
    assert billed.notes() == ['no mail "invoice": the customer has no address; print RE-2026-00001']


def test_it_is_listed_once_however_often_it_is_to_be_mailed(billed: Scene) -> None:
    billed.trigger("look")
    billed.trigger("again")

    assert (_to_print(billed), len(billed.notes())) == (["RE-2026-00001"], 1)


def test_who_printed_it_takes_it_off_the_list_and_a_note_says_who(billed: Scene) -> None:
    mark_printed(billed.shop.engine, _papers(billed), actor="petra")

    assert (_to_print(billed), _states(billed)) == ([], ["printed"])
    (_, note) = billed.order().notes
    assert (note.text, note.actor) == ("printed RE-2026-00001", "petra")


def test_what_was_printed_is_not_to_be_printed_again_and_has_arrived(billed: Scene) -> None:
    mark_printed(billed.shop.engine, _papers(billed), actor="petra")
    mark_printed(billed.shop.engine, _papers(billed), actor="petra")
    billed.trigger("look")
    billed.trigger("again")

    assert (_to_print(billed), len(billed.notes()), _send(billed)) == ([], 2, ["printed"])


def test_by_force_it_is_to_be_printed_again(billed: Scene) -> None:
    mark_printed(billed.shop.engine, _papers(billed), actor="petra")

    assert (_send(billed, force=True), _to_print(billed)) == (["no address"], ["RE-2026-00001"])


def test_an_invoice_that_is_mailed_after_all_leaves_the_list(billed: Scene) -> None:
    correct(billed.shop.engine, REFERENCE, {"customer": {"email": "jana@example.com"}}, actor="petra", reason="she told us")

    assert _send(billed) == ["sent"]

    assert (_to_print(billed), _states(billed)) == ([], ["sent"])


def test_an_invoice_that_a_mail_carries_can_not_be_called_printed(scene: Scene) -> None:
    scene.open(DESK)
    scene.place()
    scene.trigger("bill")

    with pytest.raises(Conflict, match=r"RE-2026-00001 is not to be printed: oms invoice list --to-print shows what is\."):
        mark_printed(scene.shop.engine, _papers(scene), actor="petra")
    assert (_to_print(scene), _states(scene)) == ([], ["queued"])

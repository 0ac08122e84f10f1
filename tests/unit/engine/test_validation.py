"""Holding e-invoices to their rules before anything is made of them: `einvoice.validation`."""

from __future__ import annotations

from typing import Any

import pytest

from oms.engine.care import correct
from oms.errors import Permanent
from oms.invoicing import Invoice, invoice_from_json
from oms.invoicing.ubl import invoice_to_ubl
from tests.unit.engine.scene import REFERENCE, Scene

DESK = """
initial: open
states:
  open: {}
  invoiced: {on_enter: [issue_invoice, mail_invoice]}
  done: {final: true}
events:
  close: {manual: true}
  bill: {manual: true}
  redo: {manual: true, command: [{cancel_invoice: {reopen: true}}, issue_invoice]}
transitions:
  - {from: invoiced, event: close, to: done}
  - {from: open, event: bill, to: invoiced}
  - {from: invoiced, event: redo, to: invoiced}
"""
FAULTY: dict[str, Any] = {"customer": {"name": "Jana Novak", "email": "jana@example.com", "vat_id": "NL123456789"}}
"""What `_billed` makes of it: a VAT id of no country (BR-CO-09), as an order of before that was refused."""


def _billed(scene: Scene, validation: str, **order: Any) -> None:
    scene.open(DESK)
    settings = scene.folder / "config" / "oms.toml"
    settings.write_text(settings.read_text("utf-8").replace('validation = "off"', f'validation = "{validation}"'), "utf-8")
    scene.reopen()
    scene.place(**order)
    scene.rows("UPDATE orders SET document = replace(document, 'NL123456789', 'QQ123456789')")
    scene.trigger("bill")
    scene.drain()


def _made(scene: Scene) -> bool:
    ((_, file),) = scene.order().invoices
    return file is not None


def _mailed(scene: Scene) -> list[str]:
    return [recipient.status for _, recipients in scene.order().mails for recipient in recipients if recipient.role == "to"]


@pytest.mark.parametrize("validation", ["off", "warn", "strict"])
def test_what_keeps_the_rules_goes_out(scene: Scene, validation: str) -> None:
    _billed(scene, validation)
    assert (_made(scene), _mailed(scene), scene.order().incidents) == (True, ["sent"], ())


def test_a_fault_is_an_incident_and_the_paper_goes_out(scene: Scene) -> None:
    _billed(scene, "warn", **FAULTY)
    assert (_made(scene), _mailed(scene)) == (True, ["sent"])
    (incident,) = scene.order().incidents
    assert incident.kind == "e-invoice"
    assert "BR-CO-09" in incident.text


def test_nothing_is_made_of_a_faulty_one_where_that_is_strict(scene: Scene) -> None:
    _billed(scene, "strict", **FAULTY)
    assert (_made(scene), _mailed(scene)) == (False, ["gave_up"])
    assert any("BR-CO-09" in incident.text and 'einvoice.validation is "strict"' in incident.text for incident in scene.order().incidents)


def test_whoever_does_not_look_sends_it(scene: Scene) -> None:
    _billed(scene, "off", **FAULTY)
    assert (_made(scene), _mailed(scene)) == (True, ["sent"])


def test_a_currency_without_e_invoice_has_its_paper(scene: Scene) -> None:
    cup = {"sku": "C", "name": "Cup", "quantity": 1, "unit_price": "5.250", "tax_rate": "19"}
    _billed(scene, "strict", currency="KWD", exchange_rate="0.33", items=[cup])
    assert _made(scene)


def test_what_was_forgotten_is_mended_and_issued_anew(scene: Scene) -> None:
    scene.open(DESK)
    scene.place(customer={"name": "Jana Novak", "email": "jana@example.com"})
    scene.trigger("bill")
    (forgotten,) = _issued(scene)
    with pytest.raises(Permanent, match="the order lacks buyer_reference"):
        invoice_to_ubl(forgotten, "xrechnung")

    correct(scene.shop.engine, REFERENCE, {"buyer_reference": "04011000-12345-03"}, actor="petra", reason="forgotten")
    scene.trigger("redo")

    *_, mended = _issued(scene)
    assert b"<cbc:BuyerReference>04011000-12345-03<" in invoice_to_ubl(mended, "xrechnung")


def _issued(scene: Scene) -> list[Invoice]:
    with scene.shop.store.reading() as work:
        return [invoice_from_json(work.documents.snapshot(paper.id)) for paper in work.documents.of(scene.order().head.id)]

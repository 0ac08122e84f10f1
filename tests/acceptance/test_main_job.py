"""The main job: from a placed order to the invoice in the customer's mailbox."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from pathlib import Path

import pypdf

from tests.builders import an_order, open_test_shop


def test_paying_an_order_bills_it_once_and_mails_the_invoice_with_a_hidden_copy(tmp_path: Path) -> None:
    with open_test_shop(tmp_path) as shop:
        shop.place(an_order("A-1001"))
        shop.trigger("A-1001", "pay", payload={"amount": "168.80", "currency": "EUR", "reference": "tx_1"})
        shop.work()
        order = shop.views.order("A-1001")

    assert {item.state for item in order.items} == {"invoiced"}
    ((invoice, file),) = order.invoices
    assert (invoice.number, invoice.gross_minor, invoice.paid_minor) == ("RE-2026-00001", 16880, 16880)
    assert file is not None
    pdf = pypdf.PdfReader(tmp_path / "data" / "archive" / file.key)
    assert "RE-2026-00001" in pdf.pages[0].extract_text()

    (envelope_file,) = [path for path in sorted((tmp_path / "data" / "mail").glob("*.json")) if b"archive@" in path.read_bytes()]
    envelope = json.loads(envelope_file.read_text())
    eml = envelope_file.with_suffix(".eml").read_bytes()
    assert envelope["recipients"] == ["jana@example.com", "archive@kaffeehaus-muster.example"]
    assert b"archive@kaffeehaus-muster.example" not in eml
    (attachment,) = message_from_bytes(eml, policy=policy.default).iter_attachments()
    assert attachment.get_filename() == "RE-2026-00001.pdf"
    assert attachment.get_content() == (tmp_path / "data" / "archive" / file.key).read_bytes()

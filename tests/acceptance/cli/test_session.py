"""The whole way, as a user types it: from an empty folder to the invoice in the customer's mailbox."""

from __future__ import annotations

import json
from pathlib import Path

from tests.acceptance.cli.calling import NUMBER, PAY, call
from tests.builders import an_order


def test_from_an_empty_folder_to_the_invoice_in_the_mailbox(tmp_path: Path) -> None:
    (tmp_path / "order.json").write_text(json.dumps(an_order()))
    for arguments in (
        ("init",),
        ("db", "upgrade"),
        ("deploy",),
        ("order", "place", "order.json"),
        ("order", "trigger", "A-1001", "pay", "--with", PAY),
        ("work", "--once"),
    ):
        said = call(*arguments, folder=tmp_path, PYTHONIOENCODING="ascii")  # a terminal that knows no arrows
        assert (said.code, said.err) == (0, ""), arguments
        assert said.out

    page = call("order", "show", "A-1001", folder=tmp_path).out
    assert 'Waits for a person: "ship".' in page
    assert NUMBER in page
    assert "\x1b" not in page  # no colour where nobody sees it
    assert max(map(len, page.splitlines())) <= 110

    (invoice,) = call("--shop", tmp_path, "invoice", "list", "--json", folder=Path("/")).data
    assert (invoice["number"], invoice["gross"], invoice["mail"]) == (NUMBER, "168.80", "sent")
    assert call("invoice", "pdf", NUMBER, folder=tmp_path).code == 0
    assert (tmp_path / f"{NUMBER}.pdf").read_bytes().startswith(b"%PDF-")
    sent = call("invoice", "send", NUMBER, folder=tmp_path, OMS_SHOP=str(tmp_path))
    assert (sent.code, "sent on" in sent.out) == (0, True)

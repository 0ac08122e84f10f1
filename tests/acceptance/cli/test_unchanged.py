"""What was issued stays as it was, whatever changes afterwards; on both databases."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from oms.resources import resource_folder
from tests.acceptance.cli.calling import Caller
from tests.acceptance.cli.test_proving import change

OTHER_GOODS = """UPDATE orders SET document = replace(replace(replace(document,
    'Espresso cups', 'Teapot'), '"tax_rate":"19"', '"tax_rate":"7"'), '"unit_price_minor":3990', '"unit_price_minor":1')"""
NUMBER = f"RE-{datetime.now(UTC).year}-00001"


def test_address_seller_product_rate_logo_and_template_may_change_and_the_document_does_not(billed: Caller) -> None:
    before = billed("invoice", "pdf", NUMBER, "-o", "-").bytes, billed("invoice", "xml", NUMBER).out

    assert billed("order", "correct", "A-1001", "--reason", "r", "--with", '{"billing_address": {"city": "Wien", "country": "AT"}}').code == 0
    ((order,),) = change(billed, OTHER_GOODS, "SELECT document FROM orders")
    assert [part in str(order) for part in ("Teapot", '"tax_rate":"7"', '"unit_price_minor":1}')] == [True] * 3
    _replace(billed.folder / "config" / "seller.toml", "Kaffeehaus Muster GmbH", "Teehaus Muster GmbH")
    _replace(billed.folder / "config" / "oms.toml", 'prices = "gross"', 'prices = "net"')
    templates = shutil.copytree(resource_folder("templates"), billed.folder / "templates", dirs_exist_ok=True)
    (templates / "invoices" / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', encoding="utf-8")
    _replace(templates / "invoices" / "invoice.html", "</body>", "<p>another paper</p></body>")

    assert (billed("invoice", "pdf", NUMBER, "-o", "-").bytes, billed("invoice", "xml", NUMBER).out) == before
    said = billed("invoice", "verify", "--render", "--json")
    assert (said.code, said.data["faults"], said.data["proven"]) == (0, [], 1)


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")

"""A client that a public generator makes of the OpenAPI document places, pays and ships an order, and reads its PDF."""

from __future__ import annotations

import hashlib
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from oms.bootstrap import Shop
from scripts.api_documents import DOCS
from tests.acceptance.api.serving import new_key


@pytest.fixture
def generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Imports a module of it. What makes it is told which answers are files (docs/api.md), and to leave the style of its code alone."""
    told = {"content_type_overrides": {"application/pdf": "application/octet-stream"}, "post_hooks": []}
    (tmp_path / "told.json").write_text(json.dumps(told), encoding="utf-8")
    program, document = str(Path(sys.executable).parent / "openapi-python-client"), str(DOCS / "openapi.json")
    command = [program, "generate", "--path", document, "--config", "told.json", "--meta", "none", "--output-path", "generated_client"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield lambda name: importlib.import_module(f"generated_client.{name}")
    for name in [name for name in sys.modules if name.startswith("generated_client")]:
        del sys.modules[name]


def test_a_generated_client_places_pays_and_ships_an_order_and_reads_its_pdf(shop: Shop, address: str, generated: Callable[[str], Any]) -> None:
    models = generated("models")
    order = models.Order(
        reference="A-1001",
        customer=models.Customer(name="Jana Novak", email="jana@example.com"),
        billing_address=models.Address(name="Jana Novak", street="Marktplatz 2", postcode="80331", city="München", country=models.AddressCountry.DE),
        items=[models.Item(sku="CUP-4", name="Espresso cups", quantity=2, unit_price="39.90", tax_rate="19")],
        payment=models.Payment(method="prepayment"),
    )
    pay, ship = (
        models.EventWanted(event=event, payload=models.EventWantedPayload.from_dict(payload))
        for event, payload in (("pay", {"amount": "79.80", "reference": "tx_1"}), ("ship", {"tracking": "00340434"}))
    )
    with generated("client").AuthenticatedClient(base_url=address, token=new_key(shop), timeout=60) as client:

        def call(operation: str, *path: str, **body: Any) -> Any:
            return generated(f"api.{operation}").sync(*path, client=client, **body)

        assert [result.state for result in call("orders.place_order", body=order).results] == ["payment pending"]
        assert call("events.let_event_happen", "A-1001", body=pay).results[0].outcome == "moved"
        shop.work()
        assert call("events.let_event_happen", "A-1001", body=ship).results[0].state == "shipped"

        (invoice,) = call("orders.get_order", "A-1001").invoices
        pdf = call("invoices.get_invoice_pdf", invoice.number).payload.read()
        assert (pdf[:5], hashlib.sha256(pdf).hexdigest()) == (b"%PDF-", invoice.pdf_sha256)
        refused = call("orders.get_order", "A-1002")
        assert (type(refused).__name__, refused.code) == ("ProblemTold", "not-found")


def test_the_document_is_one_that_generators_read() -> None:
    document = json.loads((DOCS / "openapi.json").read_text("utf-8"))
    assert (document["openapi"], document["servers"][0]["url"]) == ("3.1.0", "/")
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"

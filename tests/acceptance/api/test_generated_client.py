"""A client that a public generator makes of the OpenAPI document places, pays and ships an order, and reads its PDF."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oms.bootstrap import Shop
from scripts.api_documents import DOCS
from tests.acceptance.api.serving import new_key


@pytest.fixture
def generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any, Any]]:
    """The modules `client`, `schemas` and `config` of it."""
    command = [str(Path(sys.executable).parent / "clientele"), "start-api", "-f", str(DOCS / "openapi.json"), "-o", "generated_client"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.syspath_prepend(str(tmp_path))
    made = tuple(importlib.import_module(f"generated_client.{name}") for name in ("client", "schemas", "config"))
    yield made  # type: ignore[misc]
    made[0].client.close()
    for name in [name for name in sys.modules if name.startswith("generated_client")]:
        del sys.modules[name]


def test_a_generated_client_places_pays_and_ships_an_order_and_reads_its_pdf(shop: Shop, address: str, generated: tuple[Any, Any, Any]) -> None:
    client, schemas, config = generated
    client.client.configure(config=config.Config(base_url=address, headers={"Authorization": f"Bearer {new_key(shop)}"}, timeout=60))
    order = schemas.Order(
        reference="A-1001",
        customer=schemas.Customer(name="Jana Novak", email="jana@example.com"),
        billing_address=schemas.Address(name="Jana Novak", street="Marktplatz 2", postcode="80331", city="München", country="DE"),
        items=[schemas.Item(sku="CUP-4", name="Espresso cups", quantity=2, unit_price="39.90", tax_rate="19")],
        payment=schemas.Payment(method="prepayment"),
    )
    assert [result.state for result in client.place_order(data=order).results] == ["payment pending"]

    pay = schemas.EventWanted(event="pay", payload={"amount": "79.80", "reference": "tx_1"})
    assert client.let_event_happen(reference="A-1001", data=pay).results[0].outcome == "moved"
    shop.work()
    ship = schemas.EventWanted(event="ship", payload={"tracking": "00340434"})
    assert client.let_event_happen(reference="A-1001", data=ship).results[0].state == "shipped"

    (invoice,) = client.get_order(reference="A-1001").invoices
    assert client.get_invoice(number=invoice.number).pdf_sha256 == invoice.pdf_sha256
    pdf = read_bytes(client.client, f"/api/v1/invoices/{invoice.number}.pdf")
    assert pdf.startswith(b"%PDF-")
    refused = client.get_order(reference="A-1002")
    assert (type(refused).__name__, refused.code) == ("ProblemTold", "not-found")


def read_bytes(client: Any, path: str) -> bytes:
    """Its operations read every answer as text or JSON: bytes are asked for by the client that they all use."""

    def content(response: Any) -> bytes:
        found: bytes = response.content
        return found

    @client.get(path, response_parser=content)  # type: ignore[untyped-decorator]
    def read(result: bytes) -> bytes:
        return result

    answer: bytes = read()
    return answer


def test_the_document_is_one_that_generators_read() -> None:
    document = json.loads((DOCS / "openapi.json").read_text("utf-8"))
    assert (document["openapi"], document["servers"][0]["url"]) == ("3.1.0", "/")
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"

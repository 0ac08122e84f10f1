"""The main job over HTTP: an order is placed and paid, and its invoice leaves by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from oms.bootstrap import open_shop
from tests.acceptance.api.serving import key_for, served
from tests.builders import an_order, open_test_shop
from tests.working import wait_until


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    database = str(request.getfixturevalue("on_server")) if request.param == "postgres" else None
    open_test_shop(tmp_path / "shop", database=database).close()
    return tmp_path / "shop"


def test_an_order_that_is_placed_and_paid_over_http_gets_its_invoice_mailed(shop: Path) -> None:
    with served(shop) as server, server.client(key_for(shop)) as client:
        placed = client.post("/api/v1/orders", json=an_order())
        assert placed.status_code == 201
        assert placed.headers["Location"] == "/api/v1/orders/A-1001"
        assert client.post("/api/v1/orders", json=an_order()).status_code == 200

        pay = {"event": "pay", "payload": {"amount": "168.80", "reference": "tx_1"}}
        paid = client.post("/api/v1/orders/A-1001/events", json=pay, headers={"Idempotency-Key": "tx_1"})
        assert paid.status_code == 200
        assert [result["outcome"] for result in paid.json()["results"]] == ["moved", "moved"]
        again = client.post("/api/v1/orders/A-1001/events", json=pay, headers={"Idempotency-Key": "tx_1"})
        assert again.json()["repeated"]

        def is_mailed() -> bool:
            order = client.get("/api/v1/orders/A-1001").json()
            return bool(order["mails"]) and {each["status"] for each in order["mails"][0]["recipients"]} == {"sent"}

        wait_until(is_mailed)
        assert server.stop() == 0


def test_a_server_without_worker_lets_nothing_happen_by_itself(shop: Path) -> None:
    with served(shop, "--no-work") as server, server.client(key_for(shop)) as client:
        client.post("/api/v1/orders", json=an_order())
        client.post("/api/v1/orders/A-1001/events", json={"event": "pay", "payload": {"amount": "168.80", "reference": "tx_1"}})
        assert client.get("/healthz").json() == {"status": "ok"}
    with open_shop(shop) as opened:
        assert [job.attempts for job in opened.views.order("A-1001").jobs if job.status == "todo"] == [0]

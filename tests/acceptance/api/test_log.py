"""What a served shop logs: what happened and by which request, and nothing of its customers (S45, S48, I17)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.acceptance.api.serving import key_for, served
from tests.builders import an_order, open_test_shop
from tests.working import wait_until

CANARIES = ("Kanarienvogel", "kanari@canary.example", "Vogelweg", "geheimes Kennwort", "Bemerkung")
ORDER = an_order(
    customer={"name": "Kanarienvogel", "email": "kanari@canary.example"},
    billing_address={"name": "Kanarienvogel", "street": "Vogelweg 2", "postcode": "80331", "city": "München", "country": "DE"},
)
PAID = {"event": "pay", "payload": {"amount": "168.80", "reference": "tx_1"}, "reason": "Bemerkung"}


def test_each_line_leads_to_its_request_and_none_to_a_customer(tmp_path: Path) -> None:
    open_test_shop(tmp_path / "shop").close()
    key = key_for(tmp_path / "shop")
    with served(tmp_path / "shop") as server, server.client(key) as client:
        client.post("/api/v1/orders", json=ORDER, headers={"X-Request-Id": "placed-1"})
        client.post("/api/v1/orders/A-1001/events", json=PAID, headers={"X-Request-Id": "paid-1"})
        client.post("/api/v1/orders", json=ORDER | {"items": "Kanarienvogel\nerror"})
        client.post("/api/v1/session", json={"email": "kanari@canary.example", "password": "geheimes Kennwort"})
        client.get("/documents/geheimes Kennwort", params={"q": "Kanarienvogel"})
        client.get("/api/v1/orders", params={"search": "Kanarienvogel"})
        wait_until(lambda: any('"job deliver_mail: done"' in line and '"placed-1"' in line for line in server.log))
        assert server.stop() == 0
    lines: list[dict[str, Any]] = [json.loads(line) for line in server.log]
    assert all({"time", "level", "event"} <= line.keys() for line in lines)
    assert [word for word in (*CANARIES, key) if any(word in line for line in server.log)] == []

    (access,) = (line for line in lines if line["event"] == "answered" and line["request_id"] == "paid-1")
    assert (access["method"], access["route"], access["status"]) == ("POST", "/api/v1/orders/{reference}/events", 200)
    assert (access["actor"], access["milliseconds"] > 0) == ("key:webshop", True)
    (moved,) = (line for line in lines if line["event"] == "pay: 2 moved")
    assert (moved["order"], moved["request_id"], moved["process_event"], moved["by"]) == ("A-1001", "paid-1", "pay", "outside")
    mailed = next(line for line in lines if line["event"] == "job deliver_mail: done" and line.get("request_id") == "placed-1")
    assert (mailed["job_name"], len(mailed["job"])) == ("deliver_mail", 32)

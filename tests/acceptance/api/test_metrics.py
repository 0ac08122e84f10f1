"""What a monitor reads of a shop, who may, and that it is right over several processes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx2 as httpx
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from oms.bootstrap import Shop, open_shop
from oms.engine.counting import count, count_open
from tests.acceptance.api.serving import answering, client_of, new_key, served
from tests.architecture.sources import ROOT
from tests.builders import MovedClock, an_order, open_test_shop
from tests.working import wait_until

RULES = ROOT / "docs" / "alerts.rules.yml"
PAID = {"event": "pay", "payload": {"amount": "168.80", "reference": "tx_1"}}


def read(client: httpx.Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Name and labels to value, as Prometheus's own parser finds them."""
    answer = client.get("/metrics")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    families = list(text_string_to_metric_families(answer.text))
    return {(sample.name, frozenset(sample.labels.items())): sample.value for family in families for sample in family.samples}


def of(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


def test_it_tells_what_is_open_what_happened_and_how_long_it_took(shop: Shop, client: httpx.Client) -> None:
    client.post("/api/v1/orders", json=an_order())
    client.post("/api/v1/orders", json=an_order("A-1002"))
    client.post("/api/v1/orders/A-1001/events", json=PAID)
    client.get("/api/v1/orders/A-1001")
    client.get("/api/v1/orders/NONE")
    shop.work()
    count(shop.engine)
    told = read(client)
    assert told[of("oms_items", process="prepayment", state="payment pending")] == 2
    assert told[of("oms_transitions_total", process="prepayment", event="pay", outcome="moved")] == 2
    assert told[of("oms_transitions_total", process="prepayment", event="__place__", outcome="moved")] == 4
    assert told[of("oms_job_seconds_count", job="deliver_mail", outcome="done")] >= 1
    assert told[of("oms_mails_total", outcome="sent")] >= 1
    assert told[of("oms_http_requests_total", method="GET", route="/api/v1/orders/{reference}", status="200")] == 1
    assert told[of("oms_http_requests_total", method="GET", route="/api/v1/orders/{reference}", status="404")] == 1
    buckets = [value for (name, labels), value in told.items() if name == "oms_http_request_seconds_bucket" and ("method", "POST") in labels]
    assert buckets
    assert told[of("oms_database_up")] == 1
    assert told[of("oms_workers")] == 0
    assert told[of("oms_counted_timestamp_seconds")] == shop.store.now().timestamp()
    assert not re.search(r"A-100|jana|Novak|webshop", client.get("/metrics").text)


def test_ages_grow_and_what_is_held_is_not_late(tmp_path: Path) -> None:
    clock = MovedClock()
    with open_test_shop(tmp_path, clock=clock) as shop, answering(shop) as address, client_of(address, new_key(shop)) as client:
        client.post("/api/v1/orders", json=an_order())
        client.post("/api/v1/orders/A-1001/events", json=PAID)
        assert count_open(shop.engine)
        clock.move(minutes=7)
        told = read(client)
        assert told[of("oms_overdue_seconds", what="jobs")] == 7 * 60
        assert told[of("oms_overdue_seconds", what="inbox")] == 0
        assert max(value for (name, _), value in told.items() if name == "oms_item_oldest_seconds") == 7 * 60
        client.post("/api/v1/orders/A-1001/hold", json={"reason": "the customer thinks"})
        assert read(client)[of("oms_overdue_seconds", what="jobs")] == 0


def test_what_two_processes_did_is_added_up_and_outlives_both(shop: Shop, tmp_path: Path) -> None:
    shop.place(an_order())
    with open_shop(tmp_path / "shop") as other:
        other.place(an_order("A-1002"))
    shop.engine.tally.write(shop.store)
    with shop.store.reading() as work:
        sums = work.figures.sums()
    assert sums["transitions", (("event", "__place__"), ("outcome", "moved"), ("process", "prepayment"))] == 4


def test_it_is_counted_once_though_several_workers_tick(shop: Shop) -> None:
    assert count_open(shop.engine)
    assert not count_open(shop.engine)


def test_a_figure_that_could_not_be_written_is_written_later(tmp_path: Path) -> None:
    with open_test_shop(tmp_path) as shop:
        shop.place(an_order())
        database = tmp_path / "data" / "oms.db"
        database.rename(database.with_name("away.db"))
        shop.engine.tally.write(shop.store)
        database.with_name("away.db").rename(database)
        shop.engine.tally.write(shop.store)
        with shop.store.reading() as work:
            assert sum(work.figures.sums().values()) == 2


def test_a_key_that_may_or_a_near_address_reads_it_and_nobody_else(shop: Shop, address: str) -> None:
    assert httpx.get(f"{address}/metrics").status_code == 401
    with client_of(address, new_key(shop, "reader", scopes=["orders.read"])) as client:
        assert client.get("/metrics").status_code == 403
    with client_of(address, new_key(shop, "monitor", scopes=["operations.read"])) as client:
        assert client.get("/metrics").status_code == 200


def test_who_is_near_needs_no_key_but_nobody_behind_a_proxy_is(tmp_path: Path) -> None:
    with open_test_shop(tmp_path, config='[server]\nmetrics_for = ["127.0.0.0/8"]') as shop, answering(shop) as address:
        assert httpx.get(f"{address}/metrics").status_code == 200
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            assert httpx.get(f"{address}/metrics", headers={header: "127.0.0.1"}).status_code == 401


def test_without_its_database_it_says_so(tmp_path: Path) -> None:
    with open_test_shop(tmp_path, config='[server]\nmetrics_for = ["127.0.0.1"]') as shop, answering(shop) as address:
        (tmp_path / "data" / "oms.db").unlink()
        with client_of(address) as client:
            assert read(client)[of("oms_database_up")] == 0


def test_a_worker_beside_the_server_counts_by_itself(tmp_path: Path) -> None:
    open_test_shop(tmp_path / "shop", config='[server]\nmetrics_for = ["127.0.0.1"]').close()
    with served(tmp_path / "shop") as server, server.client() as client:
        wait_until(lambda: read(client)[of("oms_counted_timestamp_seconds")] > 0)
        assert read(client)[of("oms_workers")] == 1


def test_every_metric_that_the_alerts_name_is_told(client: httpx.Client) -> None:
    groups: Any = YAML(typ="safe").load(RULES.read_text(encoding="utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert all({"alert", "expr", "annotations", "labels"} <= rule.keys() for rule in rules)
    named = set(re.findall(r"oms_[a-z_]+", " ".join(str(rule["expr"]) for rule in rules)))
    told = re.findall(r"^# TYPE (oms_\w+) (\w+)$", client.get("/metrics").text, re.MULTILINE)
    endings = {"histogram": ("_bucket", "_count", "_sum")}
    assert named <= {name + ending for name, kind in told for ending in endings.get(kind, ("",))}

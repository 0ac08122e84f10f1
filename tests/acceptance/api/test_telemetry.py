"""Traces: what a collector is told of a request and of all that comes from it, and that a shop does without a collector."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from oms.bootstrap import open_shop
from oms.bootstrap.tracing import traced
from oms.telemetry import WAITING, Traces
from oms.tracing import recording, span
from tests.acceptance.api.serving import answering, client_of, key_for, new_key, served, telling_shop
from tests.architecture.sources import ROOT
from tests.builders import an_order, open_test_shop
from tests.collector import collecting
from tests.receiver import receiving
from tests.working import wait_until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{CALLER}-01"
BATCH = 512
"""Spans that are delivered at once."""


def test_a_trace_leads_from_its_caller_through_triggers_and_jobs_of_another_process_to_the_systems_that_are_called(
    tmp_path: Path, database_url: str
) -> None:
    database = None if database_url.startswith("sqlite") else database_url
    with collecting() as collector, receiving() as receiver:
        telling_shop(tmp_path / "shop", receiver.url, config=collector.config, database=database)
        receiver.answers = [500]
        with open_shop(tmp_path / "shop") as shop:
            with traced(shop.settings), answering(shop) as address, client_of(address, new_key(shop)) as client:
                client.post("/api/v1/orders", json=an_order())
                client.post("/api/v1/orders/A-1001/events", json={"event": "go"}, headers={"X-Request-Id": "went-1", "traceparent": TRACEPARENT})
                assert client.post("/api/v1/orders/A-1001/events", json={"event": "go"}).status_code == 409
                client.get("/healthz")
            with traced(shop.settings):  # nothing but the database leads there
                shop.work()
                assert [call.headers["traceparent"][:35] for call in receiver.calls] == [f"00-{TRACE}"]
        request, trigger, hop = "POST /api/v1/orders/{reference}/events", "trigger go", "hop to telling"
        (told,) = collector.named("POST")
        assert collector.way_to(told) == [request, trigger, hop, "job call_webhook", "POST"]
        assert receiver.calls[0].headers["traceparent"] == f"00-{TRACE}-{told.id}-01"
        assert (told.kind, told.failed, told.facts["http.response.status_code"], told.facts["oms.request_id"]) == ("CLIENT", True, 500, "went-1")
        began, refused = collector.named(request)
        assert (began.trace, began.parent, began.kind, began.facts["http.response.status_code"]) == (TRACE, CALLER, "SERVER", 200)
        assert (refused.parent, refused.facts["http.response.status_code"]) == ("", 409)
        (went,) = collector.named(trigger)
        assert {name: went.facts[name] for name in ("oms.process", "oms.event", "oms.items.moved", "oms.hops")} == {
            "oms.process": "prepayment",
            "oms.event": "go",
            "oms.items.moved": 2,
            "oms.hops": 1,
        }
        (job,) = collector.named("job call_webhook")
        assert (job.kind, job.failed, job.facts["oms.job.attempt"], job.facts["oms.job.outcome"]) == ("CONSUMER", True, 1, "failed")
        assert job.facts["error.type"] == "Temporary"
        assert job.about["service.instance.id"] != began.about["service.instance.id"]
        assert {each.about["service.name"] for each in collector.spans} == {"oms"}
        assert [each.name for each in collector.spans if "healthz" in str(each)] == []
        assert [word for word in ("A-1001", "Jana", "jana@", "Marktplatz", "/told") if word.encode() in b"".join(collector.bodies)] == []


def test_what_follows_a_job_belongs_to_it_and_the_history_leads_to_the_trace(tmp_path: Path) -> None:
    with collecting() as collector, receiving() as receiver:
        telling_shop(tmp_path, receiver.url, config=collector.config)
        with open_shop(tmp_path) as shop:
            with traced(shop.settings):
                shop.place(an_order())
                shop.trigger("A-1001", "go")
                shop.work()
            parents = {row.event: row.traceparent for row in shop.views.order("A-1001").triggers}
        _, second = collector.named("POST")
        to_job = ["trigger go", "hop to telling", "job call_webhook"]
        assert collector.way_to(second) == [*to_job, "trigger be heard", "hop to heard", "job call_webhook", "POST"]
        (closing,) = collector.named("trigger close")
        assert str(parents["close"]).startswith(f"00-{closing.trace}-{closing.id}-")
        assert closing.trace not in {each.trace for each in collector.named("place")}


def test_papers_and_mails_have_their_spans(tmp_path: Path) -> None:
    with collecting() as collector:
        open_test_shop(tmp_path, config=collector.config).close()
        with open_shop(tmp_path) as shop:
            shop.place(an_order())
            with traced(shop.settings):
                shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
                shop.work()
        (printed,) = collector.named("render invoice")
        *began, job, _ = collector.way_to(printed)
        assert began == ["trigger", "hop to invoiced"]
        assert job in {"job render_invoice", "job deliver_mail"}, "whoever needs the paper first"
        mailed = collector.named("deliver mail")
        assert {tuple(collector.way_to(each)[-2:]) for each in mailed} == {("job deliver_mail", "deliver mail")}
        assert {(each.kind, each.facts["oms.recipients.sent"]) for each in mailed} == {("CLIENT", 1), ("CLIENT", 2)}
        words = ("A-1001", "Jana", "jana@", "Marktplatz", "tx_1", "RE-2026", "Espresso", "kaffeehaus")
        assert [word for word in words if word.encode() in b"".join(collector.bodies)] == []


def test_a_collector_that_refuses_is_told_of_once_and_what_comes_later_is_delivered(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with collecting() as collector:
        collector.answers = [401, 401, 401]
        traces = Traces(collector.url, service="shop", headers={"authorization": "Bearer geheim"}, pause=0.02)
        with recording(traces):
            while collector.answers or not collector.spans:
                with span("work"):
                    pass
        traces.close()
        assert collector.headers[0]["authorization"] == "Bearer geheim"
        assert collector.spans[0].about["service.name"] == "shop"
    away, back = (record.getMessage() for record in caplog.records)
    assert away.startswith(f"{collector.url}/v1/traces takes no traces, and what happens meanwhile is missing there: ")
    assert "Unauthorized" in away
    assert back == f"{collector.url}/v1/traces takes traces again"
    assert "geheim" not in caplog.text


def test_a_collector_that_never_answers_keeps_nobody_waiting_and_what_waits_for_it_has_an_end(tmp_path: Path) -> None:
    with collecting() as collector:
        collector.answering.clear()
        open_test_shop(tmp_path).close()
        traces = Traces(collector.url, service="oms", headers={}, pause=0.02)
        with open_shop(tmp_path) as shop, recording(traces):
            with span("first"):
                pass
            assert collector.heard.wait(60)
            for _ in range(2 * WAITING):
                with span("more"):
                    pass
            assert shop.place(an_order()).moved
            collector.answering.set()
        traces.close()
        assert 0 < len(collector.spans) <= WAITING + BATCH + 1
        assert collector.named("place"), "the newest are kept"


def test_a_collector_that_is_gone_is_no_reason_to_fail_or_to_stay(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with collecting() as collector:
        url = collector.url
    open_test_shop(tmp_path).close()
    traces = Traces(url, service="oms", headers={}, seconds=0.2)
    with open_shop(tmp_path) as shop, recording(traces):
        assert shop.place(an_order()).moved
    traces.close()
    assert [" takes no traces, " in record.getMessage() for record in caplog.records] == [True]


@pytest.mark.slow
def test_without_the_extra_no_worker_starts_and_the_doctor_says_why(tmp_path: Path) -> None:
    open_test_shop(tmp_path, config='[telemetry]\nendpoint = "http://127.0.0.1:1"\n').close()
    program = (
        "import sys; sys.modules['opentelemetry'] = None\nfrom oms.cli.app import run\n"
        "codes = [run(['--shop', sys.argv[1], *words.split()]) for words in ('order list', 'work --once', 'doctor --json')]\nprint(codes)"
    )
    told = subprocess.run([sys.executable, "-c", program, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True)
    sentence = 'Traces need packages that are not installed: pip install "ordermill[telemetry]", or leave the endpoint out.'
    assert f"config/oms.toml: telemetry.endpoint: {sentence}" in " ".join(told.stderr.split())
    assert "Traceback" not in told.stderr
    assert "pip install" in told.stdout
    assert told.stdout.rstrip().endswith("[0, 2, 1]")


@pytest.mark.slow
def test_a_server_that_is_stopped_hands_over_what_has_ended(tmp_path: Path) -> None:
    with collecting() as collector:
        open_test_shop(tmp_path, config=collector.config).close()
        key = key_for(tmp_path)
        with served(tmp_path) as server, server.client(key) as client:
            client.post("/api/v1/orders", json=an_order(), headers={"traceparent": TRACEPARENT})
            wait_until(lambda: any("job deliver_mail: done" in line for line in server.log))
            client.get("/api/v1/orders/A-1001")
            assert server.stop() == 0
        (read,) = collector.named("GET /api/v1/orders/{reference}")
        assert read.facts["http.response.status_code"] == 200
        (mailed,) = collector.named("deliver mail")
        assert mailed.trace == TRACE
        assert collector.way_to(mailed)[0] == "POST /api/v1/orders"


@pytest.mark.slow
def test_a_server_whose_collector_dies_goes_on_and_ends_as_always(tmp_path: Path) -> None:
    with collecting() as collector:
        open_test_shop(tmp_path, config=collector.config).close()
        key = key_for(tmp_path)
        server = served(tmp_path)
        with server as running, running.client(key) as client:
            client.get("/api/v1/orders")
            assert collector.heard.wait(60)
            collector.shutdown()
            collector.server_close()
            assert client.post("/api/v1/orders", json=an_order()).status_code == 201
            wait_until(lambda: any("takes no traces" in line for line in running.log))
            assert client.get("/api/v1/orders/A-1001").status_code == 200
            assert running.stop() == 0
            assert [line for line in running.log if "Traceback" in line or "Transient" in line] == []
            (told,) = (line for line in running.log if "traces" in line)
            assert "Connection refused" in told

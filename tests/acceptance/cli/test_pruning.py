"""`oms prune`: what is over goes, what was promised or may be asked for stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oms.bootstrap import open_shop
from oms.ports.endpoints import Endpoint
from tests.acceptance.cli.calling import PAY, Caller
from tests.builders import an_order


@pytest.fixture
def old(oms: Caller) -> Caller:
    """An order that was billed and mailed half a year ago, and an incident of then."""
    with open_shop(oms.folder, clock=lambda: datetime.now(UTC) - timedelta(days=180)) as shop:
        shop.place(an_order("A-1"))
        with shop.store.writing() as work:
            now = work.now()
            work.incidents.open("late", "item:99", text="Late.", at=now)
            work.incidents.close("late", "item:99", by="jana", at=now)
            work.incidents.open("late", "item:98", text="Still late.", at=now)
            work.workers.seen("alpha:7:1", queues=(), at=now)
            old = Endpoint(store="main", url="https://x.example", types=("invoice.issued",), secret="", created_at=now, created_by="jana")
            work.endpoints.add(replace(old, disabled_at=now, disabled_why="it answered 410 Gone"))
        shop.trigger("A-1", "pay", payload={"amount": "168.80", "reference": "tx"})
        shop.work()
    return oms


def test_jobs_and_incidents_that_are_over_go_and_papers_mails_and_history_stay(old: Caller) -> None:
    before = old("order", "show", "A-1", "--json").data
    assert old("prune", "--dry-run", "--json").data["pruned"] == {"jobs": 1, "incidents": 1, "workers": 1, "deliveries": 1}
    assert old("prune").out == "1 job, 1 incident, 1 worker and 1 webhook older than 90d deleted.\n"
    after = old("order", "show", "A-1", "--json").data
    assert [after[name] for name in ("items", "history", "invoices", "mails", "payments")] == [
        before[name] for name in ("items", "history", "invoices", "mails", "payments")
    ]
    assert [each["kind"] for each in old("incident", "list", "--json").data] == ["late"]
    assert old("mail", "list").code == 0
    assert old("prune").out == "0 jobs, 0 incidents, 0 workers and 0 webhooks older than 90d deleted.\n"


def test_what_is_young_stays(oms: Caller) -> None:
    oms.place()
    oms("order", "trigger", "A-1001", "pay", "--with", PAY)
    oms("work", "--once")
    assert oms("prune", "--older-than", "7d").out == "0 jobs, 0 incidents, 0 workers and 0 webhooks older than 7d deleted.\n"


@pytest.mark.parametrize(("age", "sentence"), [("3d", "what is younger than 7d is still asked for: say 7d or more."), ("soon", "")])
def test_a_time_that_can_not_be_is_told(oms: Caller, age: str, sentence: str) -> None:
    said = oms("prune", "--older-than", age)
    assert said.code == 2
    assert sentence in " ".join(said.err.split())
    assert "--older-than" in said.err

"""`oms order import`: open orders of another system go on here in the middle of a process."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.acceptance.cli.calling import Caller, Said
from tests.builders import an_order

LONG_AGO = "2026-01-20T10:00:00+01:00"


def lines(*records: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(record).encode() for record in records)


def a_record(reference: str, state: str, entered_at: str = LONG_AGO, **changes: Any) -> dict[str, Any]:
    return {**an_order(reference, **changes), "state": state, "entered_at": entered_at}


def take_over(oms: Caller, *records: dict[str, Any], options: tuple[str, ...] = ()) -> Said:
    return oms("order", "import", "-", "--json", *options, stdin=lines(*records))


def page(oms: Caller, reference: str) -> dict[str, Any]:
    told: dict[str, Any] = oms("order", "show", reference, "--json").data
    return told


def test_orders_stand_where_they_stood_and_nothing_of_entering_happens_again(oms: Caller) -> None:
    said = take_over(oms, a_record("A-1", "bezahlt"), a_record("A-2", "shipped"), options=("--state", "bezahlt=invoiced"))
    assert said.code == 0, said.err
    assert (said.data["taken_over"], said.data["known"]) == (2, 0)
    first, second = page(oms, "A-1"), page(oms, "A-2")
    assert [item["state"] for item in first["items"] + second["items"]] == ["invoiced"] * 2 + ["shipped"] * 2
    assert {item["entered_at"] for item in first["items"]} == {"2026-01-20T09:00:00Z"}
    assert [(row["event"], row["from"], row["to"]) for row in first["history"]] == [("__import__", None, "invoiced")] * 2
    assert (first["invoices"], first["mails"], first["jobs"]) == ([], [], [])


def test_timers_count_from_when_the_item_entered_its_state_and_one_that_is_past_fires_at_once(oms: Caller) -> None:
    lately = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    take_over(oms, a_record("A-1", "shipped"), a_record("A-2", "shipped", lately))
    oms("work", "--once")
    assert {item["state"] for item in page(oms, "A-1")["items"]} == {"closed"}
    after = page(oms, "A-2")
    assert {item["state"] for item in after["items"]} == {"shipped"}
    due = datetime.fromisoformat(after["timers"][0]["due_at"])
    assert timedelta(days=28) < due - datetime.now(UTC) < timedelta(days=30)


def test_an_order_goes_on_by_the_process_from_there(oms: Caller) -> None:
    record = a_record("A-1", "payment pending", payments=[{"method": "prepayment", "amount": "100.00", "reference": "old tx"}])
    take_over(oms, record)
    oms("order", "trigger", "A-1", "pay", "--with", '{"amount": "68.80", "reference": "tx"}')
    oms("work", "--once")
    told = page(oms, "A-1")
    assert {item["state"] for item in told["items"]} == {"invoiced"}
    assert (len(told["invoices"]), told["paid"]) == (1, "168.80")


def test_each_item_may_stand_elsewhere(oms: Caller) -> None:
    record = a_record("A-1", "invoiced")
    record["items"][1] |= {"state": "shipped", "entered_at": "2026-02-01T00:00:00Z"}
    take_over(oms, record)
    assert [(item["state"], item["entered_at"]) for item in page(oms, "A-1")["items"]] == [
        ("invoiced", "2026-01-20T09:00:00Z"),
        ("shipped", "2026-02-01T00:00:00Z"),
    ]


def test_the_same_file_again_changes_nothing_and_other_content_is_refused(oms: Caller) -> None:
    take_over(oms, a_record("A-1", "invoiced"))
    assert take_over(oms, a_record("A-1", "invoiced"), a_record("A-2", "invoiced")).data["known"] == 1
    assert len(page(oms, "A-1")["history"]) == 2
    said = take_over(oms, a_record("A-1", "invoiced", comment="Please ring twice."))
    assert (said.code, said.error["code"]) == (1, "conflict")


def test_a_dry_run_says_what_would_be_taken_over(oms: Caller) -> None:
    said = oms("order", "import", "-", "--dry-run", stdin=lines(a_record("A-1", "invoiced")))
    assert said.out.splitlines()[0] == "1 order would be taken over:"
    assert oms("order", "show", "A-1").code == 1


def test_a_file_with_faults_is_told_with_its_lines_and_nothing_is_stored(oms: Caller) -> None:
    faulty = [
        a_record("A-1", "invoiced"),
        a_record("A-2", "bezahlt"),
        a_record("A-3", "refunding"),
        a_record("A-4", "invoiced", "yesterday"),
        a_record("A-5", "invoiced", "2026-01-20T10:00:00"),
        a_record("A-6", "invoiced", "2999-01-01T00:00:00Z"),
        {**an_order("A-7"), "items": []},
        {key: value for key, value in a_record("A-8", "invoiced").items() if key != "state"},
    ]
    said = oms("order", "import", "-", stdin=lines(*faulty) + b"\n{")
    told = [line.removeprefix("oms: ") for line in said.err.splitlines()]
    assert said.code == 1
    assert told[0].startswith("line 2, /items/0/state: \"bezahlt\" is no state of prepayment: say --state 'bezahlt=…'. There are: new,")
    assert any(line.startswith('line 3, /items/0/state: "refunding" waits for the job "refund_payment"') for line in told)
    assert any(line.startswith('line 4, /items/0/entered_at: "yesterday" is no time: write since when') for line in told)
    assert any(line.startswith('line 5, /items/0/entered_at: "2026-01-20T10:00:00" has no zone') for line in told)
    assert any(line.startswith('line 6, /items/0/entered_at: "2999-01-01T00:00:00Z" is still to come') for line in told)
    assert any(line.startswith("line 7, /items") for line in told)
    assert any(line.startswith("line 8, /items/0/state: ") for line in told)
    assert any(line.startswith("line 9") for line in told)
    assert oms("order", "list", "--json").data == []


def test_a_mapping_without_two_sides_is_told(oms: Caller) -> None:
    said = oms("order", "import", "-", "--state", "bezahlt", stdin=lines(a_record("A-1", "invoiced")))
    assert said.code == 2
    assert "write OLD=NEW, as in 'bezahlt=paid', not 'bezahlt'." in " ".join(said.err.split())


def test_an_empty_file_is_told(oms: Caller) -> None:
    said = oms("order", "import", "-", stdin=b"\n")
    assert said.err == "oms: line 1: There is no order in it: one JSON object a line.\n"


def test_a_timer_whose_time_needs_an_invoice_that_is_not_here_refuses_its_order_alone(oms: Caller) -> None:
    said = take_over(oms, a_record("A-1", "shipped"), a_record("A-2", "shipped", payment={"method": "invoice"}))
    assert said.code == 1
    assert 'The order "A-2" can\'t be taken over, for a timer fails: ' in said.error["message"]
    assert [order["reference"] for order in oms("order", "list", "--json").data] == ["A-1"]

"""The four processes that are shipped, and the line of the README that moves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from oms.process.load import check_folder
from oms.process.model import Process
from tests.unit.process.words import WORDS

SHIPPED = Path(__file__).parents[3] / "processes"
NAMES = ("card", "invoice", "marketplace", "prepayment")
MOVED = "    on_enter: [issue_invoice, mail_invoice]      # <- this line decides when the invoice is sent\n"


def processes() -> dict[str, Process]:
    return {name: loaded.process for name, loaded in check_folder(SHIPPED, WORDS).processes.items()}


def test_nothing_is_found_in_the_shipped_processes() -> None:
    report = check_folder(SHIPPED, WORDS)
    assert [finding.render() for finding in report.findings] == []
    assert tuple(report.processes) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_part_payment_is_noted_and_waited_on(name: str) -> None:
    process = processes()[name]
    last = [ways["pay"][-1] for ways in process.ways_out.values() if "pay" in ways]
    assert [call.name for call in process.events["pay"].prepare] == ["record_payment"]
    assert any(arrow.target == arrow.source and not arrow.conditions for arrow in last)


@pytest.mark.parametrize("name", NAMES)
def test_money_that_comes_after_cancelling_goes_back(name: str) -> None:
    (arrow,) = processes()[name].ways_out["cancelled"]["pay"]
    assert ([call.name for call in arrow.conditions], arrow.target) == (["order_is_overpaid"], "refunding")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_paid_is_cancelled_only_through_a_refund(name: str) -> None:
    process = processes()[name]
    cancelled = [arrow for arrow in process.transitions if arrow.event in {"cancel", "expire"} and arrow.target == "cancelled"]
    for arrow in cancelled:
        if "pay" in process.ways_out[arrow.source]:
            first = process.ways_out[arrow.source][arrow.event][0]
            assert ([call.name for call in first.conditions], first.target) == (["payment_has_begun"], "refunding")
    assert "paid" not in {arrow.source for arrow in cancelled}
    assert any(arrow.event == "cancel" and arrow.target == "refunding" for arrow in process.transitions)


@pytest.mark.parametrize("name", NAMES)
def test_a_failed_refund_waits_for_a_person(name: str) -> None:
    process = processes()[name]
    refunding = process.states["refunding"]
    assert (refunding.run and refunding.run.name, refunding.then, refunding.on_error) == ("refund_payment", "finish refund", "fail refund")
    assert {process.states[state].flags for state in ("refunding", "refund failed")} == {frozenset({"exclude from invoice"})}
    ways = process.ways_out["refund failed"]
    assert set(ways) == {"retry refund", "refund by hand"}
    assert all(event and process.events[event].manual for event in ways)
    assert [call.name for call in process.events["refund by hand"].command] == ["record_refund"]


@pytest.mark.parametrize("name", NAMES)
def test_what_can_be_cancelled_is_flagged_so(name: str) -> None:
    process = processes()[name]
    flagged = {state for state, entry in process.states.items() if "cancellable" in entry.flags}
    assert flagged == {arrow.source for arrow in process.transitions if arrow.event == "cancel"}


@pytest.mark.parametrize("name", NAMES)
def test_what_people_see_has_a_title_in_english_and_german(name: str) -> None:
    process = processes()[name]
    states = {state.name: set(state.title) for state in process.states.values()}
    events = {event.name: set(event.title) for event in process.events.values() if not event.auto}
    assert {name: locales for name, locales in {**states, **events, "": set(process.title)}.items() if locales != {"en", "de"}} == {}


def test_each_process_sends_its_invoice_at_another_moment() -> None:
    at = {
        name: [state.name for state in process.states.values() if any(call.name == "mail_invoice" for call in state.on_enter)]
        for name, process in processes().items()
    }
    ways = {
        name: [arrow.event for arrow in process.transitions if arrow.target in at[name] and arrow.source != arrow.target]
        for name, process in processes().items()
    }
    assert ways == {
        "card": ["finish capture", "pay", "keep goods"],
        "invoice": ["accept", "approve"],
        "marketplace": ["generate invoice", "keep goods"],
        "prepayment": [None],
    }


def test_the_moved_line_stands_once_in_prepayment() -> None:
    assert (SHIPPED / "prepayment.yaml").read_text(encoding="utf-8").count(MOVED) == 1


@pytest.mark.parametrize("state", ["new", "payment pending", "paid", "shipped", "closed"])
def test_the_line_of_the_invoice_can_be_moved_to_another_state(tmp_path: Path, state: str) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "processes")
    text = (folder / "prepayment.yaml").read_text(encoding="utf-8")
    (folder / "prepayment.yaml").write_text(text.replace(MOVED, "").replace(f"  {state}:\n", f"  {state}:\n{MOVED}"), encoding="utf-8")
    report = check_folder(folder, WORDS)
    assert report.findings == ()
    moved = report.processes["prepayment"].process.states
    assert [entry.name for entry in moved.values() if entry.on_enter] == [state]

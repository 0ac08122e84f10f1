"""What a hostile reader of the engine found: each was money lost, money doubled, or an order that stopped others."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from oms.bootstrap import open_shop
from oms.engine.care import hold
from oms.engine.firing import fire_timers
from oms.errors import CommandFailed, Conflict, InvalidSettings, NotFound
from oms.extensions import on, tables_of
from tests.builders import MovedClock, an_order, make_shop, open_test_shop

TWO_SOURCES = """
process: prepayment
initial: new
states:
  new: {}
  packed: {}
  billed: {final: true}
events:
  pack: {manual: true}
  bill: {manual: true}
transitions:
  - {from: new, event: pack, to: packed}
  - {from: [new, packed], event: bill, to: billed, command: issue_invoice}
"""
BAD_SQL = """
process: prepayment
initial: new
states:
  new: {}
  late: {final: true}
events:
  expire: {after: 1h, command: query_nothing}
  leave: {manual: true}
transitions:
  - {from: new, event: expire, to: late}
  - {from: new, event: leave, to: late}
"""
EXTENSION = """
from sqlalchemy import text


def query_nothing(items, context):
    "Fails for the order A-1 alone."
    if context.head.reference == "A-1":
        context.work.execute(text("SELECT * FROM nowhere"))


COMMANDS = (query_nothing,)
"""


def test_items_of_two_states_that_are_billed_together_get_one_invoice(tmp_path: Path) -> None:  # rule 12
    make_shop(tmp_path, processes={"prepayment.yaml": TWO_SOURCES})
    with open_shop(tmp_path, clock=MovedClock()) as shop:
        shop.deploy()
        shop.place(an_order("A-1"))
        shop.trigger("A-1", "pack", items=[("1", None)])
        shop.trigger("A-1", "bill")
        ((invoice, _),) = shop.views.order("A-1").invoices
    assert invoice.gross_minor == 16880


def test_a_wrong_statement_of_a_command_fails_its_own_hop_and_stops_no_other_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # rule 14
    make_shop(tmp_path, processes={"prepayment.yaml": BAD_SQL}, config="")
    (tmp_path / "reviewed_shop.py").write_text(EXTENSION, encoding="utf-8")
    monkeypatch.setenv("OMS_EXTENSIONS__MODULES", "reviewed_shop")
    clock = MovedClock()
    with open_shop(tmp_path, clock=clock) as shop:
        shop.deploy()
        for number in (1, 2, 3):
            shop.place(an_order(f"A-{number}"))
        clock.move(hours=2)
        fire_timers(shop.engine)
        states = {name: {item.state for item in shop.views.order(name).items} for name in ("A-1", "A-2", "A-3")}
        said = [row.error for row in shop.views.order("A-1").history if row.error]
    assert states == {"A-1": {"new"}, "A-2": {"late"}, "A-3": {"late"}}
    assert said == ["OperationalError: no such table: nowhere"] * len(said) != []


def test_a_command_that_triggers_is_told_what_to_do_instead_of_waiting_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_shop(
        tmp_path,
        processes={
            "prepayment.yaml": BAD_SQL.replace("query_nothing", "trigger_again").replace(
                "leave: {manual: true}", "leave: {manual: true, command: trigger_again}"
            )
        },
    )
    code = """
def trigger_again(items, context):
    "Wrong."
    import reviewed_twice as me
    me.SHOP.trigger("A-1", "leave")


COMMANDS = (trigger_again,)
"""
    (tmp_path / "reviewed_twice.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("OMS_EXTENSIONS__MODULES", "reviewed_twice")
    with open_shop(tmp_path, clock=MovedClock()) as shop:
        import reviewed_twice  # type: ignore[import-not-found]  # noqa: PLC0415 - written above

        reviewed_twice.SHOP = shop
        shop.deploy()
        shop.place(an_order("A-1"))
        with pytest.raises(CommandFailed, match=r"context\.later"):
            shop.trigger("A-1", "leave")


def test_a_function_may_listen_to_two_happenings() -> None:
    def listener(_happened: object) -> None:
        """Told."""

    class Extension:
        LISTENERS = (on("moved", listener), on("invoice issued", listener))

    told = tables_of([Extension]).listeners  # type: ignore[list-item]
    assert {happening: len(names) for happening, names in told.items() if names} == {"moved": 1, "invoice issued": 1}


def test_the_worker_finds_due_jobs_by_its_indexes(tmp_path: Path) -> None:
    make_shop(tmp_path)
    waits, left = "status IN ('todo', 'landing') AND next_at <= '2026'", "status = 'running' AND lease_until < '2026'"
    ready = f"EXPLAIN QUERY PLAN SELECT id FROM job WHERE {waits} OR {left}"  # noqa: S608 - both stand above
    with open_shop(tmp_path) as shop, shop.store.connection() as connection:
        plan = " ".join(str(row) for row in connection.execute(text(ready)))
    assert "ix_job_next" in plan
    assert "SCAN" not in plan


@pytest.mark.parametrize(("table", "wrong"), [("COMMANDS", len), ("COMMANDS", ("flag_gift",)), ("LISTENERS", (len,)), ("DUES", None)])
def test_a_table_that_is_none_is_a_fault_of_the_settings(table: str, wrong: object) -> None:
    class Extension:
        __name__ = "shop_oms"

    extension = Extension()
    setattr(extension, table, wrong)
    with pytest.raises(InvalidSettings, match=f"{table} of shop_oms must be a tuple"):
        tables_of([extension])  # type: ignore[list-item]


def test_a_reference_that_comes_again_with_another_amount_is_no_repetition(tmp_path: Path) -> None:
    with open_test_shop(tmp_path) as shop:
        shop.place(an_order("A-1"))
        shop.trigger("A-1", "pay", payload={"amount": "100.00", "reference": "tx_1"})
        with pytest.raises(Conflict, match=r"booked with 100\.00 EUR"):
            shop.trigger("A-1", "pay", payload={"amount": "68.80", "reference": "tx_1"})
        assert shop.trigger("A-1", "pay", payload={"amount": "100.00", "reference": "tx_1"}).results[0].why == "already applied"


def test_a_process_that_nobody_follows_cannot_be_held(tmp_path: Path) -> None:
    with open_test_shop(tmp_path) as shop, pytest.raises(NotFound, match="process:prepayment"):
        hold(shop.engine, "process:prepaymnt", reason="stock-taking", actor="petra")

"""Transactions that the server ends so that others can go on: they are tried again as a whole, and nobody notices (F19)."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from oms.bootstrap import open_shop
from tests.builders import an_order, make_shop
from tests.faults.house import configure
from tests.faults.reading import ask

WORDS = """
import threading
from sqlalchemy import text

TRIES, BOTH = [], threading.Barrier(2)

def {name}(items, context, *, first: int, second: int):
    TRIES.append(context.head.reference)
    context.work.execute(text("SELECT pg_advisory_xact_lock(:key)"), {{"key": first}})
    if TRIES.count(context.head.reference) == 1:
        BOTH.wait(30)  # each has its first lock and wants the other's
    context.work.execute(text("SELECT pg_advisory_xact_lock(:key)"), {{"key": second}})

COMMANDS = ({name},)
"""
CROSSING = """
process: prepayment
initial: open
states:
  open: {}
  gone: {final: true}
events:
  east: {manual: true, command: {cross: {first: 1, second: 2}}}
  west: {manual: true, command: {cross: {first: 2, second: 1}}}
transitions:
  - {from: open, event: east, to: gone}
  - {from: open, event: west, to: gone}
"""


def test_of_two_triggers_that_wait_for_each_other_one_is_tried_again(tmp_path: Path, on_server: str) -> None:
    make_shop(tmp_path, processes={"prepayment.yaml": CROSSING}, database=on_server)
    (tmp_path / "crossing_words.py").write_text(WORDS.format(name="cross"), encoding="utf-8")
    configure(tmp_path, r"modules = \[\] ", 'modules = ["crossing_words"] ')
    with open_shop(tmp_path) as shop:
        shop.deploy()
        for reference in ("A-1", "A-2"):
            shop.place(an_order(reference))
        ways = {"A-1": "east", "A-2": "west"}
        threads = [threading.Thread(target=shop.trigger, args=way) for way in ways.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert ask(tmp_path, "SELECT DISTINCT state FROM order_item") == [("gone",)]
    assert ask(tmp_path, "SELECT count(*) FROM history WHERE event IN ('east', 'west') AND error IS NULL") == [(2,)]
    assert len(__import__("crossing_words").TRIES) == 3


MEETING = """
import threading

TRIES, BOTH = [], threading.Barrier(2)

def meet(items, context):
    TRIES.append(context.head.reference)
    try:
        BOTH.wait(2)  # where each has drawn its first number, both come
    except threading.BrokenBarrierError:
        pass

COMMANDS = (meet,)
"""
EXCHANGING = """
process: prepayment
initial: open
states:
  open: {}
  billed: {on_enter: issue_invoice}
  gone: {final: true}
events:
  bill: {manual: true}
  take back: {manual: true, command: cancel_invoice}
  there: {manual: true, command: [issue_invoice, meet, issue_credit_note]}
  back: {manual: true, command: [{cancel_invoice: {reopen: true}}, meet, issue_invoice]}
transitions:
  - {from: open, event: bill, to: billed}
  - {from: open, event: there, to: gone}
  - {from: billed, event: take back, to: gone}
  - {from: billed, event: back, to: gone}
"""


def test_who_draws_an_invoice_and_a_credit_note_waits_for_nobody_who_waits_for_him(tmp_path: Path, on_server: str) -> None:  # rule 10
    make_shop(tmp_path, processes={"prepayment.yaml": EXCHANGING}, database=on_server)
    (tmp_path / "meeting_words.py").write_text(MEETING, encoding="utf-8")
    configure(tmp_path, r"modules = \[\] ", 'modules = ["meeting_words"] ')
    with open_shop(tmp_path) as shop:
        shop.deploy()
        for reference in ("A-1", "A-2", "A-3"):
            shop.place(an_order(reference))
        for reference in ("A-2", "A-3"):
            shop.trigger(reference, "bill")
        shop.trigger("A-3", "take back")  # both series have begun
        threads = [threading.Thread(target=shop.trigger, args=way) for way in (("A-1", "there"), ("A-2", "back"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(__import__("meeting_words").TRIES) == ["A-1", "A-2"], "none was tried again"
    assert ask(tmp_path, "SELECT kind, count(*), max(seq) FROM invoice GROUP BY 1 ORDER BY 1") == [("credit_note", 3, 3), ("invoice", 4, 4)]


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_what_the_server_says_of_it_counts_as_no_answer(tmp_path: Path, on_server: str, code: str) -> None:
    """Once is tried again; each time ends with a sentence, and nothing is kept."""
    make_shop(tmp_path, processes={"prepayment.yaml": CROSSING}, database=on_server)
    with open_shop(tmp_path) as shop:
        tries = list[int]()

        def act() -> str:
            tries.append(1)
            with shop.store.writing() as work:
                if len(tries) == 1:
                    work.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'as if' USING ERRCODE = '{code}'; END $$"))
            return "done"

        assert shop.engine.transact(act) == "done"
        assert len(tries) == 2

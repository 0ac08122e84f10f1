"""What else befalls a shop: clocks that jump, folders that vanish, templates that break, processes that freeze or keep dying."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from oms.bootstrap import open_shop
from oms.documents.pdf import PdfChild
from tests.builders import MovedClock, an_order
from tests.faults.audit import audit
from tests.faults.house import CUSTOMER, PAID, House, build, by_smtp, ended
from tests.faults.reading import ask
from tests.faults.slow import Slow
from tests.unit.documents.smtp_server import Script, serving
from tests.working import wait_until

ALARM = """
process: prepayment
initial: asleep
states:
  asleep: {}
  awake: {final: true}
events:
  ring: {every: 1h}
  wake up: {manual: true}
transitions:
  - {from: asleep, event: ring, to: asleep}
  - {from: asleep, event: wake up, to: awake}
"""


def rings(folder: Path) -> int:
    return int(ask(folder, "SELECT count(*) FROM history WHERE event = 'ring'")[0][0])


def test_a_clock_that_is_set_back_fires_nothing_twice_and_nothing_early(tmp_path: Path) -> None:  # F27
    build(tmp_path, processes={"prepayment.yaml": ALARM})
    clock, rung = MovedClock(), []
    with open_shop(tmp_path, clock=clock) as shop:
        shop.place(an_order())
        for hours in (1, -2, 2, 1):
            clock.move(hours=hours)
            shop.work()
            rung.append(rings(tmp_path))
    assert rung == [1, 1, 1, 2]
    assert audit(tmp_path) == []


def test_a_clock_that_jumps_a_day_ahead_fires_what_was_missed_once(tmp_path: Path) -> None:  # F26
    build(tmp_path, processes={"prepayment.yaml": ALARM})
    clock = MovedClock()
    with open_shop(tmp_path, clock=clock) as shop:
        shop.place(an_order())
        clock.move(days=1)
        shop.work()
        assert rings(tmp_path) == 1
        clock.move(minutes=59)
        shop.work()
        assert rings(tmp_path) == 1
    assert audit(tmp_path) == []


def test_without_an_archive_the_number_stays_and_the_invoice_is_made_from_its_snapshot_when_there_is_one(tmp_path: Path, printer: PdfChild) -> None:
    house, clock = replace(build(tmp_path), printer=printer), MovedClock()  # F22
    archive, away = tmp_path / "data" / "archive", tmp_path / "data" / "away"
    with house.open(clock) as shop:
        shop.place(an_order())
        shop.work()
        shop.trigger("A-1001", "pay", payload=PAID)
        archive.rename(away)
        archive.write_text("a file where the folder was", encoding="utf-8")
        shop.work()
        assert ask(tmp_path, "SELECT number FROM invoice") == [("RE-2026-00001",)]
        assert ask(tmp_path, "SELECT count(*) FROM invoice_file") == [(0,)]
        archive.unlink()
        away.rename(archive)
        clock.move(minutes=2)
        shop.work()
    assert ask(tmp_path, "SELECT kind FROM invoice_file ORDER BY kind") == [("cii",), ("pdf",)]
    assert len(list((tmp_path / "data" / "mail").glob("*.eml"))) == 2
    assert audit(tmp_path) == []


def test_a_template_that_breaks_keeps_the_number_stops_no_other_mail_and_works_when_it_is_mended(tmp_path: Path) -> None:  # F34
    house, clock = build(tmp_path), MovedClock()
    template = tmp_path / "templates" / "invoices" / "invoice.html"
    template.parent.mkdir(parents=True)
    template.write_text("{{ invoice.nummer }}", encoding="utf-8")
    with house.open(clock) as shop:
        shop.place(an_order())
        shop.trigger("A-1001", "pay", payload=PAID)
        shop.place(an_order("A-1002"))
        shop.work()
        assert ask(tmp_path, "SELECT number FROM invoice") == [("RE-2026-00001",)]
        mails = ask(tmp_path, "SELECT m.template, r.status FROM mail_recipient r JOIN mail_message m ON m.id = r.message")
        assert sorted(mails) == [("invoice", "pending"), ("invoice", "pending"), ("order_confirmation", "sent"), ("order_confirmation", "sent")]
        assert "invoices/invoice.html:1" in ask(tmp_path, "SELECT error FROM job WHERE name = 'render_invoice'")[0][0]
        template.unlink()
        clock.move(minutes=2)
        shop.work()
    assert audit(tmp_path) == []


@pytest.mark.parametrize("command", [("order", "show", "A-1001"), ("work",)], ids=" ".join)
@pytest.mark.parametrize("disaster", ["gone", "empty", "no database", "torn"])
def test_every_command_says_in_a_sentence_what_has_become_of_the_database(
    tmp_path: Path, command: tuple[str, ...], disaster: str
) -> None:  # F24, F25
    house = build(tmp_path)
    with open_shop(tmp_path) as shop:
        shop.place(an_order())
    path = tmp_path / "data" / "oms.db"
    content = {"gone": None, "empty": b"", "no database": b"a letter " * 1000, "torn": path.read_bytes()[:4096] + b"\xff" * 65536}[disaster]
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    code, said, complaints = ended(house.start(*command))
    assert (code != 0, said) == (True, "")
    assert "database" in complaints
    assert "Traceback" not in complaints
    assert (path.read_bytes() if path.exists() else None) == content, "nothing is made in its place"


def test_a_worker_that_was_frozen_finds_its_work_taken_over_and_changes_nothing(tmp_path: Path, slow: Slow) -> None:  # F37
    house = replace(build(tmp_path, mail=by_smtp(slow.port), poll=0.05), server=slow)
    with open_shop(tmp_path) as shop:
        shop.place(an_order())
    worker = house.start("work")
    wait_until(lambda: slow.accepted)
    worker.send_signal(signal.SIGSTOP)
    slow.answers.set()
    with house.later() as shop:
        shop.work()
    before = ask(tmp_path, "SELECT * FROM job"), ask(tmp_path, "SELECT * FROM mail_recipient")
    worker.send_signal(signal.SIGCONT)
    worker.send_signal(signal.SIGTERM)
    code, _, complaints = ended(worker)
    assert code == 0, complaints
    assert "was taken over by another worker" in complaints
    assert (ask(tmp_path, "SELECT * FROM job"), ask(tmp_path, "SELECT * FROM mail_recipient")) == before
    assert [copy.recipients for copy in house.copies()] == [(CUSTOMER,)] * 2, "nobody knew whether the first arrived"
    assert house.wrong(doubled=1) == []


CRASHING = """
process: prepayment
initial: working
states:
  working: {run: crash, then: finish, on_error: give up, retry: {attempts: 3, delay: 1m}}
  finished: {final: true}
  broken: {final: true}
events: {finish: {}, give up: {}}
transitions:
  - {from: working, event: finish, to: finished}
  - {from: working, event: give up, to: broken}
"""


def test_a_job_that_kills_its_process_each_time_is_given_up_after_its_tries_and_stops_nobody_else(tmp_path: Path) -> None:  # F46
    (tmp_path / "crashing.py").write_text("import os\n\n\ndef crash(context):\n    os._exit(139)\n\n\nJOBS = (crash,)\n", encoding="utf-8")
    house = build(tmp_path, processes={"prepayment.yaml": CRASHING}, extension="crashing")
    with open_shop(tmp_path) as shop:
        shop.place(an_order())
    codes = []
    for _ in range(4):
        codes.append(ended(house.start("work", "--once"))[0])
        let_time_pass(tmp_path)
    assert codes == [139, 139, 139, 0]
    assert ask(tmp_path, "SELECT DISTINCT state FROM order_item") == [("broken",)]
    assert ask(tmp_path, "SELECT attempts, status, error FROM job") == [(4, "dead", "the process died during each try")]
    assert audit(tmp_path) == []


def let_time_pass(folder: Path) -> None:
    """For whatever is planned for later, because a try began and did not end."""
    with closing(sqlite3.connect(folder / "data" / "oms.db")) as connection, connection:
        connection.execute("UPDATE job SET lease_until = '2020-01-01 00:00:00.000000' WHERE status = 'running'")
        connection.execute("UPDATE order_item SET look_at = '2020-01-01 00:00:00.000000' WHERE look_at IS NOT NULL")


FAILPOINTS = [
    "place.before_commit",
    "place.after_commit",
    "trigger.after_lock",
    "trigger.before_commit",
    "trigger.after_commit",
    "invoice.after_number",
    "look.after_claim",
    "job.after_claim",
    "job.after_effect",
    "job.before_commit",
    "pdf.after_render",
    "pdf.after_store",
    "mail.before_data",
    "mail.after_reply",
]


@pytest.mark.slow
@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_a_whole_life_of_an_order_bears_a_kill_at_any_place(tmp_path: Path, printer: PdfChild, failpoint: str) -> None:  # F1
    """Place, pay, invoice, ship, close: each command dies if it reaches the place, and is given once more."""
    kills = 0
    with serving(Script()) as server:
        house = House(build(tmp_path, mail=by_smtp(server.port)).folder, server, printer)
        commands = [
            ("order", "place", house.place_in_a_file()),
            ("work", "--once"),
            ("order", "trigger", "A-1001", "pay", "--with", '{"amount": "168.80", "reference": "tx_1"}'),
            ("work", "--once"),
            ("order", "trigger", "A-1001", "ship"),
            ("work", "--once"),
        ]
        for command in commands:
            code, _, complaints = ended(house.start(*command, environment={"OMS_TESTING": "1", "OMS_FAILPOINT": failpoint}))
            if code == -signal.SIGKILL:
                kills += 1
                let_time_pass(tmp_path)
                code, _, complaints = ended(house.start(*command))
                assert code == 0 or 'Can\'t ship when in "shipped"' in complaints, "it may have happened before the kill"
            else:
                assert code == 0, complaints
        with house.later(days=31) as shop:
            shop.work()
    assert kills
    assert ask(tmp_path, "SELECT DISTINCT state FROM order_item") == [("closed",)]
    assert ask(tmp_path, "SELECT count(*) FROM invoice") == [(1,)]
    assert house.wrong(doubled=2 * kills if failpoint == "mail.after_reply" else 0) == []


@pytest.mark.slow
def test_a_worker_that_is_killed_at_random_loses_nothing_and_doubles_no_more_than_it_was_killed(tmp_path: Path, printer: PdfChild) -> None:  # F3
    chance, kills, workers = random.Random(1), 20, list[subprocess.Popen[str]]()  # noqa: S311 - can be repeated
    with serving(Script()) as server:
        house = House(build(tmp_path, mail=by_smtp(server.port), poll=0.05).folder, server, printer)
        with open_shop(tmp_path) as shop:
            for number in range(kills):
                workers.append(house.start("work"))
                shop.place(an_order(f"A-{number}"))
                shop.trigger(f"A-{number}", "pay", payload={**PAID, "reference": f"tx {number}"})
                time.sleep(chance.uniform(0.5, 2.5))
                workers[-1].kill()
                ended(workers[-1])
        with house.later() as shop:
            shop.work()
    assert ask(tmp_path, "SELECT DISTINCT state FROM order_item") == [("invoiced",)]
    assert ask(tmp_path, "SELECT count(*), max(seq) FROM invoice") == [(kills, kills)]
    assert house.wrong(doubled=2 * kills) == []

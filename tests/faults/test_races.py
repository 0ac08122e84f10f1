"""Many at once: each item goes one way, whoever pushes; each timer fires once, whoever looks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oms.bootstrap import Shop, open_shop
from oms.documents.pdf import PdfChild
from oms.engine.draining import run_due_jobs
from oms.engine.firing import look
from oms.errors import Conflict, NotPossible
from oms.ports.outside import MailText, Material
from tests.architecture.sources import ROOT
from tests.builders import MovedClock, an_order, open_test_shop
from tests.faults.audit import audit
from tests.faults.house import PAID, build, ended
from tests.faults.reading import ask
from tests.faults.storm import REFERENCE, TRIP, storm
from tests.working import wait_until


def an_order_of(lines: int, reference: str = REFERENCE, process: str = "trip") -> dict[str, object]:
    items = [{"sku": f"SKU-{line}", "name": "Cup", "quantity": 1, "unit_price": "1.00", "tax_rate": "19"} for line in range(lines)]
    return an_order(reference, items=items, process=process)


def at_once(*acts: Callable[[], object]) -> None:
    """Each in a thread of its own; they begin together. What one raises fails the test."""
    failed: list[BaseException] = []
    together = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        together.wait()
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - shown below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def hops(folder: Path, *events: str) -> int:
    """Rows of the history in which something of these events happened."""
    rows = ask(folder, "SELECT h.event FROM history h JOIN history_item i ON i.history = h.id WHERE h.error IS NULL")
    return sum(event in events for (event,) in rows)


# ---- Triggers ----


@pytest.mark.parametrize("expect", [None, "payment pending"])
def test_of_two_triggers_at_once_one_wins_and_the_other_is_told(tmp_path: Path, expect: str | None) -> None:
    told: list[str] = []
    with open_test_shop(tmp_path) as shop:
        shop.place(an_order())

        def cancel() -> None:
            try:
                shop.trigger("A-1001", "cancel", reason="changed their mind", expect=expect)
            except (NotPossible, Conflict) as error:
                told.append(str(error))

        at_once(cancel, cancel)
    assert told == ['Can\'t cancel when in "cancelled". Possible: pay.']
    assert ask(tmp_path, "SELECT count(*) FROM mail_message WHERE template = 'cancelled'") == [(1,)]
    assert audit(tmp_path, quiet=False) == []


def test_a_trigger_that_is_sent_twice_at_once_happens_once_and_answers_both_alike(tmp_path: Path) -> None:
    answers = []
    with open_test_shop(tmp_path) as shop:
        shop.place(an_order())

        def pay() -> None:
            answers.append(shop.trigger("A-1001", "pay", key="k1", payload={"amount": "168.80", "reference": "tx_1"}))

        at_once(*[pay] * 8)
    assert len({answer.to_json() for answer in answers}) == 1
    assert Counter(answer.repeated for answer in answers) == {False: 1, True: 7}
    assert ask(tmp_path, "SELECT count(*) FROM payment") == [(1,)]
    assert audit(tmp_path, quiet=False) == []


def test_an_order_that_is_placed_by_many_at_once_is_placed_once(tmp_path: Path) -> None:
    answers = []
    with open_test_shop(tmp_path) as shop:
        at_once(*[lambda: answers.append(shop.place(an_order()))] * 8)
    assert Counter(answer.repeated for answer in answers) == {False: 1, True: 7}
    assert ask(tmp_path, "SELECT count(*) FROM orders") == [(1,)]
    assert audit(tmp_path, quiet=False) == []


def test_fifty_threads_on_two_hundred_items_and_two_that_work_leave_only_paths_of_the_process(tmp_path: Path) -> None:
    """Jobs of `run` states begin, end and are left while they run; timers fire in between."""
    clock, made = MovedClock(), list[int]()

    def work(shop: Shop) -> None:
        for _ in range(20):
            clock.move(minutes=30)
            shop.work()

    with open_test_shop(tmp_path, processes={"trip.yaml": TRIP}, clock=clock) as shop:
        shop.place(an_order_of(200))
        stormy = [lambda seed=seed: made.append(storm(shop, seed, 8)) for seed in range(50)]
        at_once(*stormy, *[lambda: work(shop)] * 2)
        clock.move(hours=2)
        shop.work()
    assert hops(tmp_path, "walk", "ride", "rest", "turn back", "arrive") == sum(made)
    assert hops(tmp_path, "get up") > 0
    assert hops(tmp_path, "whistle") > 0
    assert audit(tmp_path) == []


@pytest.mark.slow
def test_fifty_threads_that_push_two_hundred_orders_move_each_once(tmp_path: Path) -> None:
    """Each of them asks for each; one wins, forty-nine are told."""
    won = Counter[str]()
    references = [f"A-{number}" for number in range(200)]
    with open_test_shop(tmp_path, processes={"trip.yaml": TRIP}) as shop:
        for reference in references:
            shop.place(an_order_of(1, reference))

        def push() -> None:
            for reference in references:
                try:
                    shop.trigger(reference, "walk")
                except NotPossible:
                    continue
                won[reference] += 1

        at_once(*[push] * 50)
    assert won == dict.fromkeys(references, 1)
    assert audit(tmp_path) == []


def test_two_processes_on_one_file_leave_only_paths_of_the_process(tmp_path: Path) -> None:
    build(tmp_path, processes={"trip.yaml": TRIP})
    with open_shop(tmp_path) as shop:
        shop.place(an_order_of(40))
    command = [sys.executable, "-m", "tests.faults.storm", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    processes = [
        subprocess.Popen([*command, str(seed), "150"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for seed in (1, 2)
    ]
    told = [ended(process) for process in processes]
    assert [code for code, _, _ in told] == [0, 0], told
    assert hops(tmp_path, "walk", "ride", "rest", "turn back", "arrive") == sum(int(said) for _, said, _ in told)
    assert audit(tmp_path, quiet=False) == []


# ---- Timers ----

ALARM = """
process: alarm
initial: asleep
states:
  asleep: {}
  awake: {final: true}
events:
  ring: {every: 1h, command: {note: {text: rang}}}
  wake up: {after: 3h}
transitions:
  - {from: asleep, event: ring, to: asleep}
  - {from: asleep, event: wake up, to: awake}
"""


def sleepers(folder: Path, orders: int) -> None:
    """Orders that should have been woken hours ago."""
    with open_shop(folder, clock=lambda: datetime.now(UTC) - timedelta(hours=10)) as shop:
        for number in range(orders):
            shop.place(an_order_of(2, f"A-{number}", "alarm"))


def test_two_workers_fire_each_timer_once(tmp_path: Path) -> None:
    house = build(tmp_path, processes={"alarm.yaml": ALARM}, poll=0.05)
    sleepers(tmp_path, 60)
    workers = [house.start("work") for _ in range(2)]
    wait_until(lambda: ask(tmp_path, "SELECT count(*) FROM order_item WHERE state = 'awake'") == [(120,)])
    wait_until(lambda: ask(tmp_path, "SELECT count(*) FROM worker") == [(2,)])  # one may have done it all before the other had begun
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    told = [ended(worker) for worker in workers]
    assert [code for code, _, _ in told] == [0, 0], told
    assert hops(tmp_path, "wake up") == 120
    assert hops(tmp_path, "ring") == 120, "nine that were missed are one"
    assert ask(tmp_path, "SELECT count(*) FROM note") == [(60,)]
    assert ask(tmp_path, "SELECT count(*) FROM timer") == [(0,)]
    assert audit(tmp_path) == []


def test_click_timer_and_job_at_once_come_one_after_the_other(tmp_path: Path) -> None:
    """F39: whoever comes later finds the items where the first left them."""
    clock = MovedClock()
    with open_test_shop(tmp_path, processes={"trip.yaml": TRIP}, clock=clock) as shop:
        for number in range(20):
            reference = f"A-{number}"
            shop.place(an_order_of(3, reference))
            shop.trigger(reference, "walk")
            shop.trigger(reference, "rest", items=[("1", None)])

            def click(reference: str = reference) -> None:
                try:
                    shop.trigger(reference, "turn back")
                except NotPossible:
                    return

            clock.move(hours=1)
            at_once(click, shop.work, shop.work)
        clock.move(hours=3)
        shop.work()
    assert audit(tmp_path) == []


# ---- Papers ----


@dataclass
class Counting:
    """A printer that begins only when both jobs have begun."""

    printer: PdfChild
    folder: Path
    printed: int = 0

    def invoice(self, snapshot: Mapping[str, object], **about: Any) -> bytes:
        wait_until(lambda: ask(self.folder, "SELECT count(*) FROM job WHERE status = 'running'") == [(2,)])
        self.printed += 1
        return self.printer.invoice(snapshot, **about)

    def paper(self, template: str, **about: Any) -> bytes:
        return self.printer.paper(template, **about)

    def mail(self, template: str, **about: Any) -> MailText:
        return self.printer.mail(template, **about)

    def material(self) -> Material | None:
        return self.printer.material()


def test_the_job_that_renders_an_invoice_and_the_one_that_mails_it_make_one_pdf(tmp_path: Path, printer: PdfChild) -> None:
    with open_test_shop(tmp_path) as shop:
        counting = Counting(printer, tmp_path)
        shop.engine.tools = replace(shop.engine.tools, printer=counting)
        shop.place(an_order())
        shop.work()
        shop.trigger("A-1001", "pay", payload=PAID)
        look(shop.engine)
        at_once(*[lambda: run_due_jobs(shop.engine)] * 2)
    assert counting.printed == 1
    assert audit(tmp_path) == []

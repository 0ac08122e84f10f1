"""`oms work`, `hold` and `release`."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.acceptance.cli.calling import PAY, Caller
from tests.architecture.sources import ROOT


def test_what_was_done_is_told_and_when_something_is_due_next(oms: Caller) -> None:
    oms.place()
    oms("order", "trigger", "A-1001", "pay", "--with", PAY)
    told = oms("work", "--once", "--json").data
    assert {name: told[name] for name in ("hops", "invoices", "pdfs", "mails", "incidents")} == {
        "hops": 2,
        "invoices": 1,
        "pdfs": 1,
        "mails": 2,  # the confirmation; the invoice to the customer with its hidden copy
        "incidents": 0,
    }
    assert oms("work", "--once").out.startswith("Nothing was due.")
    oms("order", "trigger", "A-1001", "ship")
    said = oms("work", "--once").out
    assert said.startswith("Done: 1 mail.\nNext is due ")
    assert ", in 29d " in said or ", in 30d" in said


@pytest.mark.parametrize("subject", ["process:prepayment", "mail"])
def test_what_is_held_waits_for_its_release(oms: Caller, subject: str) -> None:
    oms.place()
    assert oms("hold", subject, "--reason", "the warehouse moves").code == 0
    oms("work", "--once")
    assert not (oms.folder / "data" / "mail").exists()
    assert oms("release", subject).out == f"{subject} is released.\n"
    oms("work", "--once")
    assert len(list((oms.folder / "data" / "mail").glob("*.eml"))) == 1
    assert oms("release", subject).out == f"{subject} was not held.\n"


def test_orders_of_a_held_process_say_so(oms: Caller) -> None:
    oms.place()
    oms("hold", "process:prepayment", "--reason", "the warehouse moves")
    sentence = oms("order", "show", "A-1001", "--json").data["items"][0]["waiting"]["sentence"]
    assert sentence == "The process is held: the warehouse moves. To go on: oms release process:prepayment."


def test_a_worker_ends_well_when_it_is_told_to_stop(oms: Caller) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "oms", "work"],
        env={"OMS_SHOP": str(oms.folder), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stderr is not None
        assert "begins" in worker.stderr.readline()
        worker.send_signal(signal.SIGINT)
        out, err = worker.communicate(timeout=30)
    assert (worker.returncode, out, "Traceback" in err) == (0, "", False)

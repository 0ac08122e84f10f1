"""Hosts whose clocks differ: on a server its clock is everybody's (rule 21)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oms.bootstrap import open_shop
from tests.architecture.sources import ROOT
from tests.builders import an_order
from tests.faults.house import House, build, ended
from tests.faults.reading import ask
from tests.working import wait_until

AHEAD = 90
"""Seconds."""
WORDS = """
import time
from pathlib import Path

HERE = Path(__file__).parent

def pack(context):
    (HERE / f"began-{context.job.id}").touch()
    while not (HERE / "go on").exists():
        time.sleep(0.02)

JOBS = (pack,)
"""
PACKING = """
process: prepayment
initial: placed
states:
  placed: {}
  packing: {run: pack, then: finish}
  packed: {final: true}
  expired: {final: true}
events:
  pack: {manual: true}
  finish: {}
  expire: {after: 60s}
transitions:
  - {from: placed, event: pack, to: packing}
  - {from: placed, event: expire, to: expired}
  - {from: packing, event: finish, to: packed}
"""
WORKER = f"""
import sys
from datetime import UTC, datetime, timedelta
import time_machine
from oms.cli.app import run
with time_machine.travel(datetime.now(UTC) + timedelta(seconds={AHEAD}), tick=True):
    sys.exit(run(["work"]))
"""


@contextmanager
def ahead(house: House) -> Iterator[None]:
    """A worker on a host whose clock is ahead, until the end of the block."""
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER], cwd=house.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield
    finally:
        worker.terminate()
        code, _, complaints = ended(worker)
        assert code == 0, complaints


def test_a_worker_whose_clock_is_ahead_takes_no_lease_and_fires_no_timer_before_its_time(tmp_path: Path, on_server: str) -> None:
    (tmp_path / "clock_words.py").write_text(WORDS, encoding="utf-8")
    house = build(tmp_path, processes={"prepayment.yaml": PACKING}, extension="clock_words", poll=0.05, database=on_server, delivery="local")
    with open_shop(tmp_path) as shop:
        for reference in ("A-1", "A-2", "A-3"):
            shop.place(an_order(reference))
        shop.trigger("A-1", "pack")
        first = house.start("work")
        wait_until(lambda: ask(tmp_path, "SELECT claims FROM job WHERE status = 'running'") == [(1,)])
        shop.trigger("A-2", "pack")
        wait_until(lambda: ask(tmp_path, "SELECT count(*) FROM job WHERE status = 'running'") == [(2,)])
        with ahead(house):
            wait_until(lambda: ask(tmp_path, "SELECT count(*) FROM worker") == [(2,)])
            shop.trigger("A-3", "pack")  # both slots of the other are busy: it is this one's
            wait_until(lambda: ask(tmp_path, "SELECT count(*) FROM job WHERE status = 'running'") == [(3,)])
            shop.place(an_order("A-4"))
            seen = ask(tmp_path, "SELECT max(seen_at) - now() FROM worker")[0][0]
            assert seen.total_seconds() < 1, "what it says of itself is the server's time, too"
            (tmp_path / "go on").touch()
            wait_until(lambda: ask(tmp_path, "SELECT count(*) FROM job WHERE status = 'done'") == [(3,)])
        first.terminate()
        assert ended(first)[0] == 0
    assert ask(tmp_path, "SELECT DISTINCT claims FROM job") == [(1,)]
    assert dict(ask(tmp_path, 'SELECT o.reference, max(i.state) FROM orders o JOIN order_item i ON i."order" = o.id GROUP BY 1')) == {
        "A-1": "packed",
        "A-2": "packed",
        "A-3": "packed",
        "A-4": "placed",
    }

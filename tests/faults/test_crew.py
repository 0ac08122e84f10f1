"""Several workers that one command starts."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from oms.bootstrap import open_shop
from tests.builders import an_order
from tests.faults.house import build, ended
from tests.faults.reading import ask
from tests.working import wait_until


def at_work(folder: Path) -> list[int]:
    """Their process ids, which stand in their names."""
    return [int(name.split(":")[1]) for (name,) in ask(folder, "SELECT name FROM worker ORDER BY started_at")]


def test_so_many_workers_share_the_work_one_that_dies_is_replaced_and_all_end_together(tmp_path: Path) -> None:
    house = build(tmp_path, poll=0.05)
    crew = house.start("work", "--processes", "2")
    wait_until(lambda: len(at_work(tmp_path)) == 2)
    killed = at_work(tmp_path)[0]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: len(at_work(tmp_path)) == 3)  # the dead one is remembered
    with open_shop(tmp_path) as shop:
        for number in range(4):
            shop.place(an_order(f"A-{number}"))
    wait_until(lambda: ask(tmp_path, "SELECT status, count(*) FROM job GROUP BY 1") == [("done", 4)])
    crew.send_signal(signal.SIGTERM)
    code, _, complaints = ended(crew)
    assert code == 0, complaints
    assert f"worker {killed} ended (-9): another one takes its place" in complaints
    assert at_work(tmp_path) == [killed]


def test_workers_that_can_not_begin_end_the_crew_with_their_sentence(tmp_path: Path) -> None:
    house = build(tmp_path)
    (tmp_path / "data" / "oms.db").unlink()
    code, _, complaints = ended(house.start("work", "--processes", "2"))
    assert code == 1
    assert "There is no database" in complaints


def test_a_queue_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    house = build(tmp_path)
    code, _, complaints = ended(house.start("work", "--queues", "pdf,post"))
    assert code == 2
    assert "there is no queue 'post'. There are: pdf, mail, other." in " ".join(complaints.split())

"""What load balancers and supervisors ask, without a key."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx2 as httpx
from sqlalchemy import text

from oms.bootstrap import Shop
from oms.engine.care import hold
from tests.acceptance.api.serving import answering, key_for, served
from tests.builders import MovedClock, an_order, open_test_shop
from tests.working import wait_until, working


def test_a_server_that_nobody_works_for_is_alive_and_not_ready(address: str) -> None:
    assert httpx.get(f"{address}/healthz").json() == {"status": "ok"}
    told = httpx.get(f"{address}/readyz")
    assert (told.status_code, told.json()["ready"], told.json()["database"]) == (503, False, None)
    assert "oms work" in told.json()["workers"]


def test_it_is_ready_while_somebody_works(shop: Shop, address: str) -> None:
    with working(shop):
        wait_until(lambda: httpx.get(f"{address}/readyz").status_code == 200)


def test_it_is_not_ready_while_something_is_overdue_but_what_a_person_holds_is_not(tmp_path: Path) -> None:
    clock = MovedClock()
    with open_test_shop(tmp_path / "shop", clock=clock) as shop, answering(shop) as address:
        shop.place(an_order())
        clock.move(minutes=1)
        assert httpx.get(f"{address}/readyz").json()["work"] is None
        clock.move(minutes=2)
        told = httpx.get(f"{address}/readyz")
        assert (told.status_code, told.json()["work"]) == (503, "Something has been due for 3m.")
        hold(shop.engine, "process:prepayment", reason="prices were wrong", actor="test")
        assert httpx.get(f"{address}/readyz").json()["work"] is None


def test_it_is_not_ready_on_a_database_of_another_form(shop: Shop, address: str) -> None:
    with shop.store.writing() as work:
        work.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    told = httpx.get(f"{address}/readyz")
    assert (told.status_code, told.json()["ready"]) == (503, False)
    assert "is of revision 0001, this oms works with" in told.json()["database"]


def test_every_answer_keeps_out_of_caches_and_says_its_id(address: str) -> None:
    for path in ("/healthz", "/nothing", "/api/v1/orders"):
        answer = httpx.get(f"{address}{path}", headers={"X-Request-Id": "abc-1"})
        assert (answer.headers["X-Request-Id"], answer.headers["Cache-Control"]) == ("abc-1", "no-store")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    odd = httpx.get(f"{address}/nothing", headers={"X-Request-Id": "a b"})
    assert (odd.status_code, len(odd.json()["request_id"])) == (404, 32)


LINGERING = """
process: prepayment
initial: new
states:
  new: {on_enter: linger}
  done: {final: true}
events:
  go: {}
transitions:
  - {from: new, event: go, to: done}
"""
WORDS = """
import time
from pathlib import Path

def linger(items, context):
    Path(__file__).with_name("begun").touch()
    time.sleep(1.5)

COMMANDS = (linger,)
"""


def test_what_has_begun_is_answered_when_the_server_is_told_to_stop(tmp_path: Path) -> None:  # F4
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "lingering_words.py").write_text(WORDS, encoding="utf-8")
    open_test_shop(shop, processes={"prepayment.yaml": LINGERING}, extension="lingering_words").close()
    with served(shop) as server, server.client(key_for(shop)) as client:
        answers: list[int] = []
        asking = threading.Thread(target=lambda: answers.append(client.post("/api/v1/orders", json=an_order()).status_code))
        asking.start()
        wait_until((shop / "begun").exists)
        assert server.stop() == 0
        asking.join()
        assert answers == [201]


def test_a_provider_without_a_secret_is_told_of_at_the_start(tmp_path: Path) -> None:  # S19
    open_test_shop(tmp_path / "shop", config="[payments.shut]\n").close()
    with served(tmp_path / "shop", "--no-work") as server:
        assert any("/webhooks/shut is closed" in line for line in server.log)

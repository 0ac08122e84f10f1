"""kill -9 while a provider's message is taken or applied: what was answered is kept, what wasn't is sent again, and the money is booked once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx2 as httpx
import pytest
import standardwebhooks

from oms.bootstrap import open_shop
from tests.acceptance.api.serving import served
from tests.builders import an_order
from tests.cases import rarely
from tests.faults.house import PAID, House, build
from tests.faults.reading import ask

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = json.dumps({"id": "evt_1", "type": "payment.received", "data": {"order": "A-1001", **PAID}})


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A shop that believes a payment page and has an order that waits for money."""
    return believing(tmp_path)


def believing(tmp_path: Path, *, database: str | None = None) -> House:
    house = build(tmp_path / "shop", database=database)
    secret = tmp_path / "page"
    secret.write_text(SECRET, encoding="utf-8")
    secret.chmod(0o600)
    settings = house.folder / "config" / "oms.toml"
    settings.write_text(f'{settings.read_text(encoding="utf-8")}\n[payments.page]\nsecret_file = "{secret}"\n', encoding="utf-8")
    with open_shop(house.folder) as shop:
        shop.place(an_order())
    return house


def say(address: str, client: httpx.Client | None = None) -> httpx.Response:
    now = datetime.now(UTC)
    signature = standardwebhooks.Webhook(SECRET).sign("evt_1", now, BODY)
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    return (client or httpx).post(f"{address}/webhooks/page", content=BODY, headers=headers)


STORED = [
    pytest.param("wh.after_verify", 0, marks=pytest.mark.slow),
    pytest.param("wh.before_commit", 0, marks=pytest.mark.slow),
    ("wh.after_commit", 1),
]


def kept(house: House) -> int:
    return int(ask(house.folder, "SELECT count(*) FROM inbox")[0][0])


@pytest.mark.parametrize(("failpoint", "stored"), STORED)
def test_a_message_whose_answer_never_came_is_sent_again_and_counts_once(house: House, failpoint: str, stored: int) -> None:
    with served(house.folder, failpoint=failpoint) as server, pytest.raises(httpx.TransportError):
        say(server.address)
    assert kept(house) == stored
    with served(house.folder) as server:
        again = say(server.address)
        assert (again.status_code, again.json()["status"]) == (200, "repeated" if stored else "waiting")
    applied_once(house)


@pytest.mark.parametrize("failpoint", ["wh.after_claim", *rarely("trigger.before_commit", "trigger.after_commit")])
def test_a_message_whose_worker_was_killed_is_applied_once(house: House, failpoint: str) -> None:
    with open_shop(house.folder) as shop:
        shop.work()  # the confirmation: nothing else is left to do
    with served(house.folder, failpoint=failpoint) as server:
        with suppress(httpx.TransportError):  # the worker of the same process may die before the answer is read
            assert say(server.address).status_code == 200
        server.process.wait(60)
    assert kept(house) == 1
    applied_once(house)


def applied_once(house: House) -> None:
    with house.later() as shop:
        shop.work()
    assert ask(house.folder, "SELECT status FROM inbox") == [("done",)]
    assert ask(house.folder, "SELECT reference, amount_minor FROM payment") == [(PAID["reference"], 16880)]
    assert ask(house.folder, "SELECT count(*) FROM trigger WHERE event = 'pay'") == [(1,)]
    assert ask(house.folder, "SELECT DISTINCT state FROM order_item") == [("invoiced",)]
    assert house.wrong() == []


@pytest.mark.slow
def test_a_thousand_messages_with_one_id_to_two_servers_at_once_are_one_payment_and_one_move(tmp_path: Path, on_server: str) -> None:
    house = believing(tmp_path, database=on_server)
    with served(house.folder) as one, served(house.folder) as other, ThreadPoolExecutor(64) as pool, httpx.Client(timeout=60) as client:
        client.get(f"{one.address}/healthz").raise_for_status()
        answers = list(pool.map(lambda number: say((one, other)[number % 2].address, client), range(1000)))
    assert {answer.status_code for answer in answers} == {200}
    with house.later() as shop:
        shop.work()
        assert [(payment.reference, payment.amount_minor) for payment in shop.views.order("A-1001").payments] == [(PAID["reference"], 16880)]
        moves = [(row.event, row.source, row.target, row.item) for row in shop.views.order("A-1001").history if row.event == "pay"]
        assert len(moves) == len(set(moves)) == len(shop.views.order("A-1001").items)

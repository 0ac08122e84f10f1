"""kill -9 while a system of the shop is told something: what was committed is told, under the same id; what was not is told to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oms.bootstrap import open_shop
from oms.engine.endpoints import add_endpoint
from tests.faults.house import House, build, configure
from tests.faults.reading import ask
from tests.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def house(tmp_path: Path, receiver: Receiver) -> House:
    """A shop that tells the receiver of payments."""
    house = build(tmp_path / "shop")
    configure(house.folder, r"inside = \[\]", 'inside = ["127.0.0.1"]')
    with open_shop(house.folder) as shop:
        add_endpoint(shop.engine, receiver.url, store="main", types=["payment.booked"], actor="test")
    house.run("order", "place", house.place_in_a_file())
    return house


PAYING = ("order", "trigger", "A-1001", "pay", "--with", '{"amount": "168.80", "reference": "tx_1"}')


@pytest.mark.parametrize(("failpoint", "calls"), [("webhook.after_answer", 2), pytest.param("webhook.after_claim", 1, marks=pytest.mark.slow)])
def test_a_call_whose_worker_was_killed_is_made_again_under_the_same_id(house: House, receiver: Receiver, failpoint: str, calls: int) -> None:
    house.run(*PAYING)
    house.kill(failpoint, "work", "--once")
    with house.later() as shop:
        shop.work()
        shop.work()
    assert ([call.type for call in receiver.calls], len({call.id for call in receiver.calls})) == (["payment.booked"] * calls, 1)
    assert ask(house.folder, "SELECT status, attempts FROM webhook_delivery") == [("delivered", 2)]
    assert house.wrong() == []


@pytest.mark.parametrize(("failpoint", "calls"), [("trigger.before_commit", 0), pytest.param("trigger.after_commit", 1, marks=pytest.mark.slow)])
def test_what_was_committed_is_told_and_what_was_not_is_not(house: House, receiver: Receiver, failpoint: str, calls: int) -> None:
    house.kill(failpoint, *PAYING)
    with house.later() as shop:
        shop.work()
    assert ask(house.folder, "SELECT count(*) FROM payment") == [(calls,)]
    assert len(receiver.calls) == calls

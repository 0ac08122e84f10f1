"""kill -9 while a provider moves money: it moves once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oms.bootstrap import open_shop
from tests.builders import an_order
from tests.faults.house import House, build
from tests.faults.reading import ask
from tests.stripe_stub import API_KEY, LOST, Stub, stripe_stub


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stripe_stub() as stub:
        yield stub


@pytest.fixture
def house(tmp_path: Path, stub: Stub) -> House:
    """A paid order that was cancelled."""
    house = build(tmp_path / "shop")
    (tmp_path / "key").write_text(API_KEY, encoding="utf-8")
    settings = house.folder / "config" / "oms.toml"
    table = f'[payments.stripe]\nkind = "stripe"\nurl = "{stub.url}"\napi_key_file = "{tmp_path}/key"\n'
    settings.write_text(f"{settings.read_text(encoding='utf-8')}\n{table}", encoding="utf-8")
    stub.has_paid("pi_1", 16880)
    with open_shop(house.folder) as shop:
        shop.place(an_order(customer={"name": "Jana Novak"}))  # without an address: no mail is in the way
        shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "pi_1", "provider": "stripe"})
        shop.trigger("A-1001", "cancel", reason="changed their mind")
    return house


@pytest.mark.parametrize("failpoint", ["job.after_effect", "job.before_commit", pytest.param("job.after_claim", marks=pytest.mark.slow)])
def test_a_refund_whose_worker_was_killed_is_made_once(house: House, stub: Stub, failpoint: str) -> None:
    house.kill(failpoint, "work", "--once")
    assert len(stub.refunds) == (0 if failpoint == "job.after_claim" else 1)
    with house.later() as shop:
        shop.work()
    assert [refund["amount"] for refund in stub.refunds] == [16880]
    assert len(stub.posts) == 1, "what was done is found, and not asked for again"
    assert ask(house.folder, "SELECT DISTINCT state FROM order_item") == [("cancelled",)]
    assert ask(house.folder, "SELECT kind, amount_minor FROM payment ORDER BY id") == [("payment", 16880), ("refund", 16880)]
    assert house.wrong() == []


@pytest.mark.slow
def test_one_whose_answer_was_lost_and_whose_worker_was_then_killed_is_made_once(house: House, stub: Stub) -> None:
    stub.scripted = [LOST]
    house.run("work", "--once")
    house.run("order", "retry", "A-1001")
    house.kill("job.after_effect", "work", "--once")
    assert len(stub.refunds) == 1
    with house.later() as shop:
        shop.work()
    assert (len(stub.refunds), len(stub.posts)) == (1, 1)
    assert house.wrong() == []

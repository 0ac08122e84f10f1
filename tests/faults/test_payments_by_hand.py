"""kill -9 while somebody records a payment or reads a statement: done again, the money is booked once and the order has moved once."""

from __future__ import annotations

from pathlib import Path

import pytest

from oms.bootstrap import open_shop
from tests.builders import an_order
from tests.cases import rarely
from tests.faults.house import House, build
from tests.faults.reading import ask
from tests.statements import Tx, camt, ntry


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = build(tmp_path / "shop")
    with open_shop(house.folder) as shop:
        shop.place(an_order())
        shop.work()
    return house


PLACES = ["wh.before_commit", "wh.after_commit", *rarely("wh.after_claim", "trigger.before_commit", "trigger.after_commit")]


@pytest.mark.parametrize("failpoint", PLACES)
def test_a_payment_whose_recording_was_killed_is_booked_once(house: House, failpoint: str) -> None:
    words = ("payment", "record", "A-1001", "--amount", "168.80", "--reference", "bank 7", "--date", "2026-01-05")
    house.kill(failpoint, *words)
    house.run(*words)
    paid_once(house, "bank 7")


@pytest.mark.parametrize("failpoint", ["wh.after_commit", *rarely("wh.before_commit", "wh.after_claim")])
def test_a_statement_whose_reading_was_killed_is_read_again(house: House, tmp_path: Path, failpoint: str) -> None:
    file = tmp_path / "statement.xml"
    file.write_bytes(camt(ntry(Tx(text="A-1001"), reference="B1")))
    house.kill(failpoint, "payment", "import", str(file))
    house.run("payment", "import", str(file))
    paid_once(house, "B1")


def paid_once(house: House, reference: str) -> None:
    with house.later() as shop:
        shop.work()
    assert ask(house.folder, "SELECT reference, amount_minor FROM payment") == [(reference, 16880)]
    assert ask(house.folder, "SELECT count(*) FROM trigger WHERE event = 'pay'") == [(1,)]
    assert ask(house.folder, "SELECT DISTINCT state FROM order_item") == [("invoiced",)]
    assert house.wrong() == []

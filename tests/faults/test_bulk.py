"""kill -9 while one event happens to many orders: it goes on where it was, and each order has it once."""

from __future__ import annotations

from pathlib import Path

import pytest

from oms.engine.bulk import draw_up, start
from oms.ports.bulk import Tallied
from tests.acceptance.backoffice.test_bulk import BY_HAND
from tests.builders import an_order
from tests.faults.house import build
from tests.faults.reading import ask

MANY = 6


@pytest.mark.parametrize("failpoint", ["bulk.after_trigger:3", "trigger.before_commit:3"])
def test_a_run_that_was_killed_goes_on_and_each_order_has_it_once(tmp_path: Path, database_url: str, failpoint: str) -> None:
    database = None if database_url.startswith("sqlite") else database_url
    house = build(tmp_path / "shop", processes={"prepayment.yaml": BY_HAND.replace("[issue_invoice]", "[]")}, database=database)
    with house.later(minutes=0) as shop:
        for number in range(MANY):
            shop.place(an_order(f"A-{number}"))
        with shop.store.reading() as work:
            orders = [head.id for head in work.orders.mentioned([f"A-{number}" for number in range(MANY)], store="main")]
        run = draw_up(shop.engine, "generate invoice", orders, store="main", actor="jana", key="the form's")
        start(shop.engine, run, actor="jana", roles={"clerk"}, reason=None, payload={})
    house.kill(failpoint, "work", "--once")
    with house.later() as shop:
        shop.work()
        with shop.store.reading() as work:
            assert work.bulk.tally(run) == [Tallied("moved", None, MANY)]
            assert work.bulk.get(run).status == "done"
    assert ask(house.folder, "SELECT count(*), count(DISTINCT \"order\") FROM trigger WHERE event = 'generate invoice'") == [(MANY, MANY)]

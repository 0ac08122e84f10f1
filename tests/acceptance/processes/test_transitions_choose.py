"""The package `transitions` chooses, and nothing else does: without its tables no item moves, whoever drives it."""

from __future__ import annotations

import contextlib

import pytest

from oms.errors import CommandFailed
from tests.unit.engine.scene import REFERENCE, Scene


@pytest.fixture
def emptied(shipped: Scene) -> Scene:
    """An order that waits for money, and a part of one that is paid and looked at, in an engine whose tables are empty."""
    shipped.place(payment={"method": "prepayment"})
    shipped.place("A-2", payment={"method": "prepayment"})
    shipped.pay("168.80", reference="A-2")
    engine = shipped.shop.engine
    with shipped.shop.store.reading() as work:
        machine = engine.processes.get(work, work.orders.named(REFERENCE).version).chooser._machine
    assert any(event.transitions for event in machine.events.values())
    for event in machine.events.values():
        event.transitions.clear()
    return shipped


def test_no_button_moves_anything(emptied: Scene) -> None:
    for event in ("pay", "cancel", "expire"):
        with pytest.raises(CommandFailed, match="NoSuchEvent"):
            emptied.trigger(event, reason="Try it.", payload={"amount": "168.80", "reference": "tx_9"})

    assert emptied.states() == ["payment pending"] * 2


def test_neither_timers_nor_looks_move_anything(emptied: Scene) -> None:
    for _ in range(20):
        emptied.settle(days=1)

    assert (emptied.states("A-1"), emptied.states("A-2")) == (["payment pending"] * 2, ["paid"] * 2)


def test_no_order_gets_beyond_the_state_that_it_begins_in(emptied: Scene) -> None:
    with contextlib.suppress(CommandFailed):
        emptied.place("A-3", payment={"method": "prepayment"})

    assert emptied.states("A-3") == ["new"] * 2


def test_with_its_tables_back_everything_moves_again(emptied: Scene) -> None:
    emptied.reopen()

    emptied.settle(days=14)

    assert (emptied.states("A-1"), emptied.states("A-2")) == (["cancelled"] * 2, ["invoiced"] * 2)

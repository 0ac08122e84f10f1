"""Twice as many lines are twice as much work: an order may have 2,000 of them, and everybody else waits while it is written (F44)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from tests.unit.engine.scene import Scene

HALF, WHOLE = 40, 80
"""Lines of two orders, one as large again as the other."""
MOST = 2.1
"""How much more work the larger one may be."""


class Count:
    """How many lines of oms ran."""

    def __init__(self) -> None:
        self.lines = 0

    def __call__(self, frame: FrameType, _event: str, _argument: object) -> Callable[..., Any] | None:
        return self._step if "oms" in frame.f_globals.get("__name__", "").split(".")[:1] else None

    def _step(self, _frame: FrameType, event: str, _argument: object) -> Callable[..., Any]:
        self.lines += event == "line"
        return self._step


@contextmanager
def counted() -> Iterator[Count]:
    before, count = sys.gettrace(), Count()
    sys.settrace(count)
    try:
        yield count
    finally:
        sys.settrace(before)


def _nothing(_scene: Scene, _lines: int) -> None:
    """There is no order yet."""


def _place(scene: Scene, lines: int) -> None:
    items = [{"sku": f"S-{number}", "name": "Cup", "quantity": 2, "unit_price": "10.00", "tax_rate": "19"} for number in range(lines)]
    scene.place(f"A-{lines}", items=items, discounts=[{"name": "V", "amount": "5.00"}], shipping={"name": "DHL", "price": "5.00"})


def _pay(scene: Scene, lines: int) -> None:
    scene.pay(f"{lines * 20}.00", tx=f"tx-{lines}", reference=f"A-{lines}")


def _pay_in_part(scene: Scene, lines: int) -> None:
    scene.pay("1.00", tx=f"tx-{lines}", reference=f"A-{lines}")


def _paid_in_part(scene: Scene, lines: int) -> None:
    _place(scene, lines)
    _pay_in_part(scene, lines)


def _bill(scene: Scene, lines: int) -> None:
    _pay(scene, lines)
    scene.look()


def _billed(scene: Scene, lines: int) -> None:
    _place(scene, lines)
    _bill(scene, lines)


def _ship(scene: Scene, lines: int) -> None:
    scene.trigger("ship", reference=f"A-{lines}")


def _cancel(scene: Scene, lines: int) -> None:
    scene.trigger("cancel", reference=f"A-{lines}", reason="changed their mind")


@pytest.mark.parametrize(
    ("before", "act"),
    [(_nothing, _place), (_place, _pay), (_place, _pay_in_part), (_paid_in_part, _cancel), (_place, _cancel), (_place, _bill), (_billed, _ship)],
    ids=["place", "pay", "pay in part", "cancel what is paid in part", "cancel", "bill", "ship"],
)
def test_an_order_of_twice_as_many_lines_is_twice_as_much_work(
    scene: Scene, before: Callable[[Scene, int], None], act: Callable[[Scene, int], None]
) -> None:  # F44
    scene.open_shipped()
    work = []
    for lines in (HALF, WHOLE):
        before(scene, lines)
        with counted() as count:
            act(scene, lines)
        work.append(count.lines)

    assert work[1] / work[0] < MOST, work


def test_looking_at_an_order_of_twice_as_many_lines_is_twice_as_much_work(scene: Scene) -> None:  # F44
    scene.open("""
        initial: new
        states: {new: {}, paid: {}, billed: {final: true}}
        events: {pay: {prepare: record_payment}, leave: {manual: true}}
        transitions:
          - {from: new, event: pay, to: new}
          - {from: new, if: [payment_is_settled, {all_items_in: {states: [paid]}}, order_is_fully_invoiced, invoice_is_issued], to: paid}
          - {from: paid, event: leave, to: billed}
        """)
    work = []
    for lines in (HALF, WHOLE):
        _place(scene, lines)
        _pay(scene, lines)
        with counted() as count:
            scene.look()
        work.append(count.lines)

    assert work[1] / work[0] < MOST, work

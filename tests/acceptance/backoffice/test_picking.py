"""Buttons for a part of an order: items that are chosen, some units of them, a parcel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oms.bootstrap import Shop
from tests.acceptance.backoffice.browsing import Browser
from tests.acceptance.backoffice.test_order import ORDER
from tests.builders import MovedClock, an_order, open_test_shop

Person = Callable[..., Browser]
PICKING = """
process: prepayment
initial: open
states:
  open: {title: {en: Open}}
  picked: {final: true, title: {en: Picked}}
events:
  pick: {title: {en: Pick}, manual: true}
transitions:
  - {from: open, event: pick, to: picked, happy: true}
"""


@pytest.fixture
def shop(tmp_path: Path, database: str | None, clock: MovedClock) -> Iterator[Shop]:
    with open_test_shop(tmp_path / "shop", database=database, clock=clock, processes={"prepayment.yaml": PICKING}) as opened:
        yield opened


def test_items_are_chosen_or_some_units_of_them_for_an_event_that_asks_nothing(shop: Shop, person: Person) -> None:
    items = [{"sku": sku, "name": sku, "quantity": 2, "unit_price": "10.00", "tax_rate": "19"} for sku in ("CUP", "POT", "CAN")]
    shop.place(an_order(items=items))
    clerk = person("clerk")
    order = clerk.open(ORDER)
    assert order.parts("#pick button") == ["Pick…"]
    assert order.tree.xpath("//input[@form='pick']/@value") == ["1", "2", "3"]
    asked = clerk.open(f"{ORDER}?dialog=event&item=1&item=3&event=pick")
    form = asked.form("Pick")
    assert [box.get("value") for box in form.cssselect("[type=checkbox][checked]")] == ["1", "3"]
    done = clerk.submit(form, {"units.3": "1"})
    assert done.part("[role=status]") == "Pick: Items 1, 3.1 → Picked."


def test_a_parcel_has_buttons_of_its_own(shop: Shop, person: Person) -> None:
    items = [
        {"sku": sku, "name": sku, "quantity": 1, "unit_price": "10.00", "tax_rate": "19", "group": group}
        for sku, group in (("CUP", "Parcel A"), ("POT", "Parcel B"), ("CAN", "Parcel A"))
    ]
    shop.place(an_order(items=items))
    clerk = person("clerk")
    order = clerk.open(ORDER)
    assert order.parts("tr.group") == ["Parcel A Pick", "Parcel B Pick"]
    done = clerk.submit(order.tree.cssselect("tr.group form")[0])
    assert done.part("[role=status]") == "Pick: Items 1, 3 → Picked."
    assert done.parts("tr.group") == ["Parcel A", "Parcel B Pick"]

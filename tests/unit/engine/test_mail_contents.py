"""What a mail's template is given: items, money and days as they are when the mail is promised. How it reads is proved with the shipped processes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.unit.engine.scene import Scene

PARTED = """
initial: open
states: {open: {}, packed: {final: true}}
events:
  pack: {manual: true}
transitions:
  - {from: open, event: pack, if: {data: {gift: true}}, to: packed, command: [{note: {text: wrap it}}, {mail: {template: shipped}}]}
  - {from: open, event: pack, to: packed, command: {mail: {template: shipped}}}
"""
CUP = {"sku": "CUP", "name": "Cup", "quantity": 1, "unit_price": "10.00", "tax_rate": "19"}
GIFT = {"sku": "GRINDER", "name": "Grinder", "quantity": 3, "unit_price": "20.00", "tax_rate": "19", "data": {"gift": True}}


def contents(scene: Scene) -> list[dict[str, Any]]:
    """Of all mails, oldest first."""
    return [json.loads(message.context) for message, _ in scene.order().mails]


def test_a_hop_mails_about_the_items_of_each_arrow(scene: Scene) -> None:
    scene.open(PARTED)
    scene.place(items=[CUP, GIFT])

    scene.trigger("pack", "1", ("2", 2))

    about = [[(item["name"], item["quantity"], item["total_minor"]) for item in each["items"]] for each in contents(scene)]
    assert sorted(about) == [[("Cup", 1, 1000)], [("Grinder", 2, 4000)]]
    assert [[item["quantity"] for item in each["order"]["items"]] for each in contents(scene)] == [[1, 3]] * 2


def test_a_line_costs_what_its_goods_cost_and_shipping_stands_beside_them(scene: Scene) -> None:
    scene.open(PARTED)
    scene.place(items=[CUP, GIFT], shipping={"price": "4.90"}, discounts=[{"name": "WELCOME", "amount": "7.00"}])

    scene.trigger("pack", "1")

    (given,) = contents(scene)
    assert [item["total_minor"] for item in given["items"]] == [900]
    assert ([item["total_minor"] for item in given["order"]["items"]], given["order"]["total_minor"]) == ([900, 5400], 6790)
    assert given["order"]["shipping"] == {"name": None, "total_minor": 490}


def test_an_order_is_of_the_day_that_it_was_in_the_shop_when_it_was_placed(scene: Scene) -> None:
    scene.open(PARTED)
    scene.clock.now = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # 1 December in Berlin
    scene.place(items=[CUP])

    scene.trigger("pack")

    assert contents(scene)[0]["order"]["placed_on"] == "2026-12-01"

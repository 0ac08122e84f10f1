"""Lists of papers, mails and what happened tell what they lack by now."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from oms.bootstrap import Shop
from tests.acceptance.backoffice.browsing import Browser, Page
from tests.builders import MovedClock, an_order

Person = Callable[..., Browser]
BILL = {"payment": {"method": "invoice"}}


def asks(page: Page) -> str:
    """Where it asks for what is new."""
    (address,) = page.tree.xpath("//@hx-get")
    return str(address)


@pytest.mark.parametrize(("path", "new"), [("invoices?view=invoices", 1), ("mails", 2), ("mails?view=undelivered", 2), ("history?event=bill", 0)])
def test_a_list_tells_how_many_rows_it_lacks(shop: Shop, person: Person, clock: MovedClock, path: str, new: int) -> None:
    shop.place(an_order("A-1", **BILL))
    shop.work()
    jana = person("accountant")
    drawn = jana.open(f"/stores/main/{path}")
    assert jana.client.get(asks(drawn)).status_code == 204
    shop.place(an_order("A-2", **BILL))
    if not new:
        assert jana.client.get(asks(drawn)).status_code == 204
        return
    told = jana.open(asks(drawn))
    assert told.part(".chip") == f"{new} new, load"
    assert jana.client.get(asks(told)).status_code == 204
    loaded = jana.press(told, f"{new} new, load")
    assert (loaded.path, " A-2 " in loaded.part("tbody tr")) == (drawn.path, True)
    clock.move(hours=2)
    assert jana.open(asks(told)).tree.xpath("//@hx-get") == []


def test_what_happens_arrives_in_the_history(shop: Shop, person: Person) -> None:
    jana = person("viewer")
    drawn = jana.open("/stores/main/history")
    shop.place(an_order("A-1"))
    assert jana.open(asks(drawn)).part(".chip") == "1 new, load"

"""Pictures of processes on the pages: what is open, what an order came by, and the same in words."""

from __future__ import annotations

from collections.abc import Callable

from oms.backoffice.pictures import Dress, picture
from oms.backoffice.telling import Tongue
from oms.bootstrap import Shop
from oms.lookup.processes import process_of
from oms.process.vocabulary import Vocabulary
from tests.acceptance.backoffice.browsing import Browser, Page, said
from tests.builders import BEGINNING, an_order

Person = Callable[..., Browser]


def states(page: Page, look: str) -> list[str]:
    return [said(each.cssselect("text")[0]) for each in page.tree.cssselect(f".picture .state{look}")]


def test_a_process_is_drawn_with_what_is_open_and_what_nobody_can_do_in_red(shop: Shop, person: Person) -> None:
    shop.place(an_order("A-1"))
    shop.work()
    page = person("viewer", language="de").open("/stores/main/processes/prepayment")
    assert len(states(page, "")) == 9
    drawn = {said(each.cssselect("text")[0]): [said(count) for count in each.cssselect(".count")] for each in page.tree.cssselect(".picture .state")}
    assert drawn["Zahlung ausstehend"] == ["2"]
    assert drawn["Bezahlt"] == []
    assert page.tree.cssselect(".picture .missing") == []
    row = next(each for each in page.parts("details table tbody tr") if each.startswith("Zahlung ausstehend"))
    assert row.startswith("Zahlung ausstehend 2 Bezahlt, Zahlung ausstehend, ")
    _, process = process_of(shop, "prepayment", None)
    known = shop.vocabulary
    poor = Vocabulary(**{name: getattr(known, name) for name in known.__slots__} | {"commands": {}})
    bare = picture(process, poor, Tongue("en", BEGINNING, "UTC"), Dress())
    assert bare is not None
    assert bare["missing"] == ["issue_credit_note", "issue_invoice", "mail", "mail_credit_note", "mail_invoice", "record_payment", "record_refund"]


def test_an_order_shows_what_it_came_by_and_where_it_is(shop: Shop, person: Person) -> None:
    shop.place(an_order("A-1"))
    shop.work()
    clerk = person("clerk")
    placed = clerk.open("/stores/main/orders/A-1")
    assert (states(placed, ".current"), states(placed, ".visited")) == (["Payment pending"], ["New"])
    shop.trigger("A-1", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    page = clerk.open("/stores/main/orders/A-1")
    assert (states(page, ".current"), states(page, ".visited")) == (["Invoiced"], ["New", "Payment pending", "Paid"])
    assert "Closed" not in states(page, "")
    assert len(page.tree.cssselect(".picture .way.taken")) >= 3
    assert clerk.press(page, "The whole process").path == "/stores/main/processes/prepayment?version=1"

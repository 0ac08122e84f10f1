"""The list of orders: one box finds them, its address says all, and an empty one says what to do next."""

from __future__ import annotations

from collections.abc import Callable

import httpx2 as httpx
import pytest

from oms.backoffice.arriving import PAGE
from oms.backoffice.search import parts_of, sought, written
from oms.bootstrap import Shop
from oms.errors import InvalidInput
from tests.acceptance.backoffice.browsing import Browser, Page
from tests.builders import BEGINNING, MovedClock, an_order
from tests.contract.test_queries import questions, recording

Person = Callable[..., Browser]
LIST = "/stores/main/orders"


def test_orders_are_found_by_what_the_box_says(shop: Shop, person: Person, clock: MovedClock) -> None:
    assert person("viewer", email="tom@shop.example").open(LIST).part(".empty h2") == "No order yet"
    shop.place(an_order("A-1"))
    clock.move(days=4)
    shop.place(an_order("A-2", customer={"name": "Tom Berg", "email": "tom@example.com"}))
    shop.trigger("A-2", "pay", payload={"amount": "168.80", "reference": "tx"})
    jana = person("viewer")

    def names(said: str) -> list[str]:
        return jana.find(LIST, said).parts("[data-row]")

    assert names("") == ["A-2", "A-1"]
    assert names('state:"payment pending"') == ["A-1"]
    assert names('-state:"payment pending"') == ["A-2"]
    assert names("age:>3d") == ["A-1"]
    assert names("mail:tom sku:CUP-4") == ["A-2"]
    assert names("placed:>2026-11-26") == ["A-2"]
    assert (names("total:>168.80"), names("total:<168,81"), names("total:168.80 total:>1")) == ([], ["A-2", "A-1"], ["A-2", "A-1"])
    told = jana.client.get(f"{LIST}.csv?q=placed:>2026-11-26")
    assert [line.split(",")[0] for line in told.text.splitlines()] == ["reference", "A-2"]
    assert "Tom Berg" in told.text
    assert jana.client.get(f"{LIST}.csv?q=colour:red").status_code == 422
    assert jana.find(LIST, "A-2").path == f"{LIST}/A-2"
    nothing = jana.find(LIST, "tom is:failed")
    assert (nothing.part(".empty h2"), nothing.parts(".empty a")) == ("No order fits", ["tom", "is:failed"])
    assert jana.open(nothing.tree.cssselect(".empty a")[1].get("href")).parts("[data-row]") == ["A-2"]
    wrong = jana.find(LIST, "colour:red")
    assert (wrong.status, wrong.part("[role=alert]")[:26]) == (422, 'there is no "colour:". The')
    assert wrong.tree.cssselect("[name=q]")[0].get("value") == "colour:red"


def test_a_long_list_goes_on_where_it_ended(shop: Shop, person: Person) -> None:
    references = [f"A-{number}" for number in range(PAGE + 3)]
    for reference in references:
        shop.place(an_order(reference))
    jana = person("viewer")
    first = jana.open(LIST)
    second = jana.press(first, "Further")
    assert first.parts("[data-row]") + second.parts("[data-row]") == references[::-1]
    assert jana.press(second, "To the beginning").parts("[data-row]") == first.parts("[data-row]")


def test_an_open_list_tells_how_many_it_lacks(shop: Shop, person: Person, clock: MovedClock) -> None:
    for number in range(3):
        shop.place(an_order(f"A-{number}"))
    jana = person("viewer")
    listed = jana.find(LIST, 'state:"payment pending"')

    def asked(page: Page) -> httpx.Response:
        return jana.client.get(page.tree.cssselect("[hx-get*='orders.new']")[0].get("hx-get"), headers={"HX-Request": "true"})

    assert (listed.parts("#news"), asked(listed).status_code) == ([""], 204)
    shop.place(an_order("B-1"))
    shop.trigger("A-1", "pay", payload={"amount": "168.80", "reference": "tx"})  # leaves the list: that is not news
    with recording(shop) as questions_asked:
        told = Page(asked(listed))
    assert len(questions(questions_asked)) <= 6
    assert (told.text, told.tree.cssselect("a")[0].get("href")) == ("1 new, load", f"{LIST}?q=state%3A%22payment+pending%22")
    assert asked(told).status_code == 204
    clock.move(hours=1)
    shop.place(an_order("B-2"))
    last = Page(asked(told))
    assert (last.text, last.tree.cssselect("[hx-get]")) == ("2 new, load", [])
    assert jana.open(last.tree.cssselect("a")[0].get("href")).parts("[data-row]") == ["B-2", "B-1", "A-2", "A-0"]
    jana.client.cookies.clear()
    assert asked(told).status_code == 204


def test_of_a_long_list_only_what_would_stand_in_it_is_new(shop: Shop, person: Person) -> None:
    for number in range(PAGE + 3):
        shop.place(an_order(f"A-{number}"))
    jana = person("viewer", language="de")
    newest, oldest = jana.open(LIST), jana.open(f"{LIST}?sort=oldest")
    assert jana.press(newest, "Weiter").tree.cssselect("#news") == []
    for number in range(PAGE + 1):
        shop.place(an_order(f"B-{number}"))
    answers = [jana.client.get(page.tree.cssselect("[hx-get*='orders.new']")[0].get("hx-get")) for page in (newest, oldest)]
    assert (Page(answers[0]).text, answers[1].status_code) == ("mehr als 50 neue laden", 204)


@pytest.mark.parametrize("text", ["jana novak", "state:paid -state:shipped", 'state:"payment pending" x', '"a:b"'])
def test_what_was_typed_can_be_written_again(text: str) -> None:
    assert written(parts_of(text)) == text


@pytest.mark.parametrize("text", ["age:soon", "age:>9999999d", "placed:yesterday", "is:green", "sku:a sku:b", "total:much", "size:5"])
def test_what_means_nothing_is_refused_with_what_would(text: str) -> None:
    with pytest.raises(InvalidInput):
        sought(text, store="main", now=BEGINNING, limit=1)

"""One event for many orders: looked at first, done by the worker, each order once, its papers as one file. And views of the list that people keep."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oms.bootstrap import Shop
from oms.engine.bulk import MOST, draw_up
from oms.errors import InvalidInput
from tests.acceptance.api.serving import answering
from tests.acceptance.backoffice.browsing import Browser, Page
from tests.builders import MovedClock, an_order, open_test_shop

Person = Callable[..., Browser]
LIST = "/stores/main/orders"
BY_HAND = """
process: prepayment
initial: paid
states:
  paid: {title: {en: Paid, de: Bezahlt}}
  invoiced: {on_enter: [issue_invoice], title: {en: Invoiced, de: Berechnet}}
  shipped: {final: true, title: {en: Handed over}}
events:
  generate invoice: {title: {en: Generate the invoice, de: Rechnung erstellen}, manual: true}
  ship:
    title: {en: Ship}
    manual: true
    reason: required
    roles: [manager, admin]
    fields: {tracking: {type: text, required: true, title: {en: Tracking number}}}
transitions:
  - {from: paid, event: generate invoice, to: invoiced, happy: true}
  - {from: invoiced, event: ship, to: shipped, happy: true}
"""


@pytest.fixture
def shop(tmp_path: Path, database: str | None, clock: MovedClock) -> Iterator[Shop]:
    with open_test_shop(tmp_path / "shop", database=database, clock=clock, processes={"prepayment.yaml": BY_HAND}) as opened:
        yield opened


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    with answering(shop, pages=True) as where:
        yield where


def choose(browser: Browser, event: str, *orders: str, query: str = "", which: str = "chosen") -> Page:
    """Tick orders in the list, say what is to happen, press the button."""
    form = browser.open(f"{LIST}?q={query}").tree.cssselect("form.bulk")[0]
    said = {"key": form.fields["key"], "q": form.fields["q"], "event": event}
    ticked = set(form.xpath(".//input[@type='checkbox']/@value"))
    assert ticked >= set(orders)
    values = [*said.items(), *(("order", order) for order in orders), ("which", which)]
    for each in form.cssselect("input,select"):
        each.attrib.pop("name", None)
    return browser.submit(form, {}, values)


def run(shop: Shop, browser: Browser, page: Page, button: str, **typed: str) -> Page:
    started = browser.press(page, button, **typed)
    assert started.status == 200, started.text
    shop.work()
    return browser.open(started.path)


@pytest.mark.parametrize("many", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_an_invoice_for_each_of_many_orders_comes_as_one_file_to_print(shop: Shop, person: Person, many: int) -> None:
    for number in range(many):
        shop.place(an_order(f"A-{number}"))
    shop.trigger("A-0", "generate invoice")
    shop.work()
    clerk = person("clerk")
    drawn = choose(clerk, "generate invoice", query="sku:CUP-4", which="all")
    assert drawn.part("#bulk .bar") == f"{many} orders: {many - 1} can, 1 cannot."
    assert drawn.part(".why-not") == '1 \N{MULTIPLICATION SIGN} Can\'t Generate the invoice when in "Invoiced". Possible: Ship.'
    with shop.store.reading() as work:
        assert len(work.documents.mentioned([f"RE-2026-{number:05}" for number in range(1, many + 1)], store="main")) == 1
    done = run(shop, clerk, drawn, f"Generate the invoice · {many - 1}")
    assert done.parts("#bulk > .row .pill") == ["finished", f"done · {many - 1}", "cannot · 1"]
    assert done.part("#bulk .bar") == f"Papers to print: {many - 1} / {many - 1} All as one ZIP"
    answer = clerk.client.get(done.tree.xpath("//a[text()='All as one ZIP']/@href")[0])
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert file.namelist() == [f"RE-2026-{number:05}.pdf" for number in range(2, many + 1)]
        assert all(file.read(name).startswith(b"%PDF-") for name in file.namelist())
    histories = [shop.views.order(f"A-{number}").triggers for number in range(1, many)]
    assert [[each.actor for each in rows if each.event == "generate invoice"] for rows in histories] == [["jana@shop.example"]] * (many - 1)


def test_what_an_event_asks_for_is_asked_once_for_all(shop: Shop, person: Person) -> None:
    for number in range(3):
        shop.place(an_order(f"A-{number}"))
        shop.trigger(f"A-{number}", "generate invoice")
    assert "Ship" not in person("clerk", email="tom@shop.example").open(LIST).part("form.bulk select")
    jana = person("manager")
    drawn = choose(jana, "ship", "A-0", "A-2")
    wrong = jana.press(drawn, "Ship · 2", **{"field.tracking": "", "reason": ""})
    assert (wrong.status, len(wrong.parts(".fault"))) == (422, 2)
    done = run(shop, jana, wrong, "Ship · 2", **{"field.tracking": "JD01", "reason": "the truck is here"})
    assert done.parts("tbody tr") == ["A-0 done Handed over", "A-2 done Handed over"]
    (row,) = [each for each in shop.views.order("A-2").triggers if each.event == "ship"]
    assert (row.reason, row.payload) == ("the truck is here", '{"tracking": "JD01"}')
    with shop.store.reading() as work:
        assert work.bulk.get(1).payload is None
    assert jana.open("/stores/main/bulk").parts("[data-row]") == ["Ship · 1"]
    assert jana.open("/stores/main/bulk/1/progress").part("#bulk .pill") == "finished"


def test_who_moved_meanwhile_is_told_and_stops_nobody(shop: Shop, person: Person) -> None:
    for number in range(3):
        shop.place(an_order(f"A-{number}"))
    clerk = person("clerk", language="de")
    drawn = choose(clerk, "generate invoice", which="all")
    shop.trigger("A-1", "generate invoice", actor="petr@shop.example")
    done = run(shop, clerk, drawn, "Rechnung erstellen · 3")
    assert done.parts("#bulk > .row .pill") == ["fertig", "getan · 2", "geht nicht · 1"]
    assert done.parts("tbody tr") == [
        "A-1 geht nicht „Rechnung erstellen“ geht nicht in „Berechnet“. Möglich: Ship.",
        *(f"A-{number} getan Berechnet" for number in (0, 2)),
    ]


def test_a_run_that_is_stopped_leaves_the_rest_as_it_is(shop: Shop, person: Person) -> None:
    shop.place(an_order("A-1"))
    clerk = person("clerk")
    started = clerk.press(choose(clerk, "generate invoice", "A-1"), "Generate the invoice · 1")
    assert started.tree.cssselect("#bulk")[0].get("hx-get") == f"{started.path}/progress"
    stopped = clerk.press(started, "Stop")
    shop.work()
    assert clerk.open(stopped.path).parts("#bulk > .row .pill") == ["stopped", "not done yet · 1"]
    assert shop.views.order("A-1").items[0].state == "paid"


def test_a_form_that_is_sent_twice_is_one_run_and_a_stranger_sees_none(shop: Shop, person: Person) -> None:
    shop.place(an_order("A-1"))
    clerk = person("clerk")
    said = {"key": "a key of a form", "event": "generate invoice", "order": "A-1", "which": "chosen"}
    head = {"Sec-Fetch-Site": "same-origin"}
    first, second = (clerk.client.post("/stores/main/bulk", data=said, headers=head) for _ in range(2))
    assert str(first.url) == str(second.url)
    assert clerk.client.post("/stores/main/bulk", data=said | {"key": "b", "order": "B-9"}, headers=head).status_code == 422
    viewer = person("viewer", email="tom@shop.example")
    assert viewer.open(LIST).tree.cssselect("form.bulk") == []
    assert viewer.client.post("/stores/main/bulk", data=said, headers=head).status_code == 403
    assert viewer.client.post("/stores/main/bulk/1/start", headers=head).status_code == 403
    assert viewer.open("/stores/main/bulk/2").status == 404
    assert viewer.open("/stores/main/bulk/1/papers.zip").status == 404
    assert "Generate the invoice · 1" not in viewer.open("/stores/main/bulk/1").buttons()


def test_a_run_has_an_end(shop: Shop) -> None:
    with pytest.raises(InvalidInput, match="more than 10,000"):
        draw_up(shop.engine, "ship", range(MOST + 1), store="main", actor="jana@shop.example", key="a form's")


def test_a_view_is_kept_for_who_kept_it(shop: Shop, person: Person) -> None:
    for number in range(2):
        shop.place(an_order(f"A-{number}"))
    shop.trigger("A-1", "generate invoice")
    jana = person("viewer")
    kept = jana.press(jana.find(LIST, "state:invoiced"), "Keep it", name="To ship <b>")
    assert kept.parts(".chip")[2] == "To ship <b>"
    link = jana.open(LIST).tree.xpath("//a[text()='To ship <b>']/@href")[0]
    assert jana.open(link).parts("[data-row]") == ["A-1"]
    assert "To ship <b>" not in person("viewer", email="tom@shop.example").open(LIST).parts(".chip")
    gone = jana.press(jana.open(link), "Forget To ship <b>")
    assert gone.parts(".chip") == ["All", "Needs attention"]

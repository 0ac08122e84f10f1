"""What goes wrong is said in German on a German page; what a mail server or a person said stays as it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from oms.backoffice.dialogs import MENDED
from oms.bootstrap import Shop
from tests.acceptance.backoffice.browsing import Browser
from tests.acceptance.backoffice.test_imports import send
from tests.acceptance.backoffice.test_order import ORDER, invoiced, without_street
from tests.builders import MovedClock, an_order

Person = Callable[..., Browser]


@pytest.fixture
def clerk(person: Person) -> Browser:
    return person("manager", language="de")


def test_an_order_that_is_stuck_says_why_in_german(shop: Shop, clerk: Browser) -> None:
    shop.place(an_order())
    without_street(shop)
    shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    why = "In der Rechnungsadresse der Bestellung A-1001 fehlt die Straße, deshalb wird nichts ausgestellt."
    order = clerk.open(ORDER)
    assert why in order.part(".why")
    assert why in order.part("[aria-labelledby=history]")
    assert order.tree.cssselect("main [lang=en]") == []
    overview = clerk.open("/stores/main/overview")
    assert overview.part("[aria-labelledby=problems] .pill") == "aufgegeben"
    assert why in overview.part("[aria-labelledby=problems]")
    assert why in clerk.open("/stores/main/jobs").part("[aria-labelledby=failed]")
    wrong = clerk.press(clerk.press(order, "Berichtigen…"), "Berichtigen", **{f"{MENDED}billing_address.country": "Germany", "reason": "she moved"})
    assert "ist kein Land nach ISO 3166" in wrong.part("dialog")


def test_who_was_slower_typed_too_little_or_asks_for_nothing_reads_german(shop: Shop, clerk: Browser, clock: MovedClock) -> None:
    invoiced(shop)
    cancel = clerk.open(f"{ORDER}?dialog=event&event=cancel").form("Stornieren")
    assert clerk.submit(cancel).part("dialog .fault") == "„cancel“ verlangt einen Grund: bitte in wenigen Worten sagen, warum."
    pay = clerk.submit(clerk.open(f"{ORDER}?dialog=pay").form("Zahlung buchen"), {"amount": "1,000", "reference": ""})
    assert pay.parts("dialog .fault") == [
        "hat 3 Nachkommastellen, EUR hat 2: wie 1234.50.",
        "ist leer. Unter welcher Referenz kam das Geld?",
    ]
    shop.trigger("A-1001", "ship", actor="petr@shop.example")
    clock.move(seconds=12)
    late = clerk.submit(cancel, {"reason": "sie will nicht mehr"})
    assert (late.status, "„Stornieren“ geht nicht in „Versandt“. Möglich: Zahlung buchen, Abschließen." in late.part("main .bar")) == (409, True)
    missing = clerk.open("/stores/main/orders/B-7/papers/none.pdf")
    assert (missing.status, missing.tree.cssselect(".card [lang=en]")) == (404, [])
    sought = clerk.open("/stores/main/orders?q=is:red")
    assert sought.part("main [role=alert]") == "is: kennt failed und attention, beides bedeutet dasselbe."


def test_a_file_is_judged_in_german(clerk: Browser) -> None:
    seen = send(clerk, "events", b"reference,event\nB-7,ship\n")
    assert seen.part("tbody tr").endswith("geht nicht Es gibt keine Bestellung „B-7“ im Geschäft main.")
    wrong = send(clerk, "events", b"a,b\n1,2\n").part("[role=alert]")
    assert wrong.startswith("Zeile 1: die Spalte reference fehlt, die Spalte event fehlt, die Spalte „a“ ist unbekannt, ")
    assert send(clerk, "payments", b"PK\x03\x04").part("[role=alert]").endswith("bitte auspacken oder als CSV speichern und die Datei selbst geben.")


def test_what_others_said_stays_as_it_was_and_is_marked(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    with shop.store.writing() as work:
        order = work.orders.named("A-1001", store="main").id
        work.incidents.open("the shop's own", f"order:{order}", text="<b>550 5.1.1</b> no such user", at=work.now(), order=order)
        work.orders.mark(order, attention=True)
    page = person("manager", language="de").open("/stores/main/overview")
    assert page.parts("[aria-labelledby=problems] [lang=en]") == ["the shop's own", "<b>550 5.1.1</b> no such user"]

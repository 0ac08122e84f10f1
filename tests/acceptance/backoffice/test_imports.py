"""Files of a warehouse and a bank: seen first, then done, and once, however often they come."""

from __future__ import annotations

from collections.abc import Callable

from oms.backoffice.imports import MOST
from oms.bootstrap import Shop
from tests.acceptance.backoffice.browsing import Browser, Page
from tests.builders import an_order

Person = Callable[..., Browser]
IMPORTS = "/stores/main/imports"
PARCELS = b"reference,event,with.tracking\nA-1,ship,0034\nB-7,ship,0035\n"


def send(browser: Browser, kind: str, content: bytes) -> Page:
    """As the form that is there sends a file."""
    form = next(form for form in browser.open(IMPORTS).tree.cssselect("form[enctype]") if form.get("action").endswith(kind))
    headers = {"Sec-Fetch-Site": "same-origin"}
    return Page(browser.client.post(form.get("action"), files={"file": ("of today.csv", content, "text/csv")}, headers=headers))


def rows(page: Page) -> list[str]:
    return page.parts("tbody tr")


def test_events_of_a_file_are_seen_before_they_happen_and_happen_once(shop: Shop, person: Person) -> None:
    shop.place(an_order("A-1"))
    shop.trigger("A-1", "pay", payload={"amount": "168.80", "reference": "tx"})
    shop.work()
    clerk = person("clerk")
    seen = send(clerk, "events", PARCELS)
    assert seen.part(".bar") == "This is what would happen. Nothing has happened yet."
    assert seen.part("#result") == "Events from a file: of today.csv"
    assert [row.split()[:4] for row in rows(seen)] == [["2", "A-1", "ship", "possible"], ["3", "B-7", "ship", "can't"]]
    assert {item.state for item in shop.views.order("A-1").items} == {"invoiced"}
    done = clerk.press(seen, "Do it now")
    assert [row.split()[:4] for row in rows(done)] == [["2", "A-1", "ship", "done"], ["3", "B-7", "ship", "can't"]]
    again = clerk.press(seen, "Do it now")
    assert rows(again)[0] == "2 A-1 ship happened before happened before, by this file"
    assert [row.event for row in shop.views.order("A-1").triggers].count("ship") == 1
    assert "Do it now" not in done.buttons()


def test_payments_of_a_statement_are_seen_before_they_are_booked_once(shop: Shop, person: Person) -> None:
    shop.place(an_order("A-1"))
    jana = person("accountant")
    statement = "date;amount;currency;text\n2026-11-25;168,80;EUR;A-1 danke für Grüße\n2026-11-25;1,00;EUR;who knows\n".encode("cp1252")
    seen = send(jana, "payments", statement)
    assert rows(seen)[0].startswith("line 2 A-1 168.80 EUR")
    assert "Grüße" in rows(seen)[0]
    assert seen.parts("tbody .pill") == ["paid", "for nobody"]
    assert shop.views.order("A-1").payments == ()
    assert jana.press(seen, "Do it now").parts("tbody .pill") == ["paid", "for nobody"]
    assert jana.press(seen, "Do it now").parts("tbody .pill") == ["happened before", "for nobody"]
    assert len(shop.views.order("A-1").payments) == 1


def test_a_file_that_says_nothing_or_too_much_is_refused_with_what_mends_it(person: Person) -> None:
    jana = person("manager")
    empty = send(jana, "events", b"a,b\n1,2\n")
    assert (empty.status, "lacks the column reference" in empty.part("[aria-labelledby=events] [role=alert]")) == (422, True)
    excel, image = send(jana, "events", b"PK\x03\x04\x14"), send(jana, "events", b"reference,event\nA-1\0,ship\n")
    assert excel.part("[role=alert]").startswith("file: is a ZIP (or a spreadsheet of Excel)")
    assert image.part("[role=alert]") == "file: is no text: save it as CSV."
    assert (
        send(jana, "events", b"reference,reference,event\nA-1,A-2,ship\n").part("[role=alert]").startswith("line 1: has the column reference twice")
    )
    many = send(jana, "events", b"reference,event\n" + b"A-1,ship\n" * (MOST + 1))
    assert (many.status, "oms events import" in many.part("[role=alert]")) == (422, True)
    assert send(jana, "payments", b"PK\x03\x04").status == 422
    assert send(jana, "events", b"x" * (2 << 20)).status == 413
    posted = jana.client.post(f"{IMPORTS}/events", content="content=%E4", headers={"Sec-Fetch-Site": "same-origin", "Content-Type": "text/plain"})
    assert (posted.status_code, "Something in the request is wrong" in posted.text) == (400, True)


def test_rights_and_roles_hold_for_files_too(shop: Shop, person: Person) -> None:
    viewer = person("viewer")
    assert viewer.open(IMPORTS).status == 403
    clerk = person("clerk", email="tom@shop.example")
    assert [each.get("action") for each in clerk.open(IMPORTS).tree.cssselect("form[enctype]")] == [f"{IMPORTS}/events"]
    refused = clerk.client.post(f"{IMPORTS}/payments", files={"file": ("x.csv", b"date;amount\n")}, headers={"Sec-Fetch-Site": "same-origin"})
    assert refused.status_code == 403
    clerk.client.cookies.clear()
    late = clerk.client.post(f"{IMPORTS}/events", files={"file": ("x.csv", PARCELS)}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (late.status_code, "Your session is over" in late.text) == (401, True)
    shop.place(an_order("A-1"))
    shop.trigger("A-1", "pay", payload={"amount": "168.80", "reference": "tx"})
    shop.work()
    accountant = person("accountant", email="petra@shop.example")
    seen = send(accountant, "events", PARCELS)
    assert '"ship" is for clerk or manager or admin' in rows(seen)[0]
    assert '"ship" is for clerk or manager or admin' in rows(accountant.press(seen, "Do it now"))[0]
    assert {item.state for item in shop.views.order("A-1").items} == {"invoiced"}

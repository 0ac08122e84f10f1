"""The list of papers: how they stand, what they come to, whether a number is missing, and files of those that are shown."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from urllib.parse import urlencode

from sqlalchemy import text

from oms.bootstrap import Shop
from tests.acceptance.backoffice.browsing import Browser
from tests.builders import MovedClock, an_order

Person = Callable[..., Browser]
LIST = "/stores/main/invoices"


def papers(shop: Shop, clock: MovedClock) -> None:
    """RE-…1 is overdue, RE-…2 partly paid, RE-…3 paid."""
    shop.place(an_order("A-1", payment={"method": "invoice", "terms": "1d"}))
    shop.work()
    clock.move(days=4)
    shop.place(an_order("A-2", payment={"method": "invoice"}))
    shop.place(an_order("A-3"))
    shop.trigger("A-3", "pay", payload={"amount": "168.80", "reference": "tx_3"})
    shop.work()


def test_papers_are_found_by_how_they_stand_with_sums_of_all_of_them(shop: Shop, person: Person, clock: MovedClock) -> None:
    jana = person("accountant")
    assert jana.open(LIST).part(".empty h2") == "No paper yet"
    papers(shop, clock)
    jana.log_in("jana@shop.example")
    page = jana.open(LIST)
    assert page.parts(".tile") == ["Invoices EUR 3", "Open €337.60", "overdue €168.80", "Paid €168.80"]
    assert page.part(".sp .mut").startswith("counted ")
    overdue = jana.press(page, "overdue")
    assert overdue.parts("[data-row]") == ["RE-2026-00001"]
    assert overdue.parts(".tile") == ["Invoices EUR 1", "Open €168.80", "overdue €168.80", "Paid €0.00"]
    assert jana.press(overdue, "overdue").parts("[data-row]") == page.parts("[data-row]")
    assert jana.open(f"{LIST}?to=2026-11-26").parts("[data-row]") == ["RE-2026-00001"]
    none = jana.open(f"{LIST}?state=credited")
    assert (none.part(".empty h2"), none.parts(".tile")) == ("No paper fits", [])
    assert none.part(".empty p") == "Try it without: credited"
    narrow = jana.open(f"{LIST}?view=invoices&state=overdue&from=2026-11-29")
    assert narrow.parts(".empty a") == ["Invoices", "overdue", "From Nov 29, 2026"]
    assert jana.press(narrow, "From Nov 29, 2026").parts("[data-row]") == ["RE-2026-00001"]
    assert jana.open(f"{LIST}?from=2026-13-01").status == 422
    asked = jana.press(overdue, "Book payment…")
    assert asked.path == "/stores/main/orders/A-1?dialog=pay&amount=168.80"
    paid = jana.press(asked, "Book payment", reference="bank 1")
    assert paid.part("[role=status]") == "The payment is booked."
    assert jana.open(f"{LIST}?state=overdue").parts("[data-row]") == []
    assert jana.open(LIST).parts(".tile")[1] == "Open €337.60"  # as it was counted
    assert jana.open(f"{LIST}?from=2026-11-01").parts(".tile")[1] == "Open €168.80"  # what is narrowed further is added up now
    shop.work()
    assert jana.open(LIST).parts(".tile")[1:3] == ["Open €168.80", "overdue €0.00"]
    assert "Book payment…" not in person("viewer", email="tom@shop.example").open(LIST).text


def test_a_file_holds_what_the_list_shows(shop: Shop, person: Person, clock: MovedClock) -> None:
    papers(shop, clock)
    client = person("viewer").client
    csv = client.get(f"{LIST}/export.csv?state=overdue&view=invoices&from=&to=")
    assert csv.headers["Content-Disposition"] == 'attachment; filename="invoices-2026-11-25-2026-11-29.csv"'
    assert [line.split(",")[0] for line in csv.text.splitlines()] == ["number", *["RE-2026-00001"] * (len(csv.text.splitlines()) - 1)]
    packed = zipfile.ZipFile(io.BytesIO(client.get(f"{LIST}/export.zip?from=2026-11-26").content))
    assert {name for name in packed.namelist() if name.endswith(".pdf")} == {"main/invoice/RE-2026-00002.pdf", "main/invoice/RE-2026-00003.pdf"}
    assert packed.read("index.csv").count(b"\r\n") == 3
    wrong = client.get(f"{LIST}/export.zip?from=2026-11-26&to=2026-11-25")
    assert (wrong.status_code, "the first day comes first" in wrong.text) == (409, True)


def test_a_file_holds_the_papers_that_were_ticked(shop: Shop, person: Person, clock: MovedClock) -> None:
    papers(shop, clock)
    jana = person("viewer")
    page = jana.open(LIST)
    ticks = [each.get("value") for each in page.tree.cssselect("td.tick [name=number][form=papers]")]
    assert ticks == page.parts("[data-row]")
    query = urlencode([("from", ""), ("to", ""), ("number", "RE-2026-00003"), ("number", "RE-2026-00001")])
    packed = zipfile.ZipFile(io.BytesIO(jana.client.get(f"{LIST}/export.zip?{query}").content))
    assert [name for name in packed.namelist() if name.endswith(".pdf")] == ["main/invoice/RE-2026-00001.pdf", "main/invoice/RE-2026-00003.pdf"]
    csv = jana.client.get(f"{LIST}/export.csv?number=RE-2026-00002")
    assert csv.headers["Content-Disposition"] == 'attachment; filename="invoices-2026-11-29-2026-11-29.csv"'
    assert {line.split(",")[0] for line in csv.text.splitlines()} == {"number", "RE-2026-00002"}
    assert jana.client.get(f"{LIST}/export.zip?number=RE-1").status_code == 404


def test_a_number_that_is_missing_is_told(shop: Shop, person: Person, clock: MovedClock) -> None:
    papers(shop, clock)
    jana = person("viewer")
    whole = jana.press(jana.open(LIST), "Check numbers")
    assert whole.part("[role=status]") == "No number is missing in the series of this store."
    with shop.store.writing() as work:
        work.connection.execute(text("UPDATE number_series SET last = last + 2"))
    missing = jana.open(f"{LIST}/numbers")
    assert missing.part(".pair") == "main:invoice:2026 The numbers 4 to 5 are missing."

"""Invoices by hand, on the page of an order: the next one is looked at, one that is there is taken back."""

from __future__ import annotations

from collections.abc import Callable

from oms.bootstrap import Shop
from tests.acceptance.backoffice.browsing import Browser
from tests.acceptance.backoffice.test_order import ORDER, invoiced
from tests.builders import an_order

Person = Callable[..., Browser]


def test_the_next_invoice_is_looked_at_and_stays_none(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    clerk = person("clerk")
    order = clerk.open(ORDER)
    (link,) = [each.get("href") for each in order.tree.cssselect("[aria-labelledby=invoices] header a")]
    answer = clerk.client.get(link)
    assert (answer.headers["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert clerk.open(ORDER).part("[aria-labelledby=invoices] .b") == "None yet."
    shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
    assert clerk.open(ORDER).tree.cssselect("[aria-labelledby=invoices] header a") == []
    assert clerk.open(link).status == 404
    viewer = person("viewer", email="tom@shop.example")
    assert viewer.open(link).status == 403


def test_an_invoice_is_credited_by_an_amount_then_by_the_rest_and_once_for_each_form(shop: Shop, person: Person) -> None:
    invoiced(shop)
    books = person("accountant")
    asked = books.press(books.open(ORDER), "Credit…")
    form = asked.form("Write credit note")
    assert books.submit(form, {"amount": "10,00"}).part("dialog .fault") == "is missing: say why in a few words."
    much = books.submit(form, {"amount": "1000", "reason": "a scratch"})
    assert much.status == 409
    assert much.part("main .bar").startswith("That can't be done now A credit of 1000.00 EUR can't be given on RE-2026-00001: 168.80 are left.")
    assert much.tree.cssselect("dialog [name=amount]")[0].get("value") == "1000"
    done, again = (books.submit(form, {"amount": "10,00", "reason": "a scratch"}) for _ in range(2))
    assert "RK-2026-00001 credits 10.00 EUR of RE-2026-00001" in done.part("[role=status]")
    assert again.part("[role=status]") == done.part("[role=status]")
    rest = books.submit(books.press(done, "Credit…").form("Write credit note"), {"reason": "came back"})
    assert "RK-2026-00002 credits 158.80 EUR of RE-2026-00001" in rest.part("[role=status]")
    assert "Credit…" not in rest.buttons()
    told = rest.part("[aria-labelledby=history]")
    assert "RK-2026-00002 credits 158.80 EUR of RE-2026-00001: came back jana@shop.example" in told
    clerk = person("clerk", email="tom@shop.example")
    assert "Credit…" not in clerk.open(ORDER).buttons()
    assert clerk.client.post(f"{ORDER}/credits", content="number=RE-2026-00001", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 403

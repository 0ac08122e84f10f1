"""Invoices by hand, on the page of an order: the next one is looked at, one that is there is taken back."""

from __future__ import annotations

from collections.abc import Callable

from oms.bootstrap import Shop
from tests.acceptance.backoffice.browsing import Browser, said
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


def test_an_invoice_is_credited_by_units_of_a_line_an_amount_of_another_and_its_shipping(shop: Shop, person: Person) -> None:
    shop.place(an_order(shipping={"name": "DHL", "price": "4.90", "tax": "by_value"}))
    shop.trigger("A-1001", "pay", payload={"amount": "173.70", "reference": "tx_1"})
    shop.work()
    books = person("accountant")
    form = books.press(books.open(ORDER), "Credit…").form("Write credit note")
    assert [said(each) for each in form.cssselect(".pair > .row.sp")] == [
        "1 · Espresso cups €79.80",
        "2 · Coffee grinder €89.00",
    ]
    for typed, why in (
        ({"back.1": "0"}, "Of line 1 2 units are left"),
        ({"back.1": "3"}, "not 3."),
        ({"back.1": "1", "amount": "5"}, "stands alone"),
    ):
        refused = books.submit(form, {**typed, "reason": "a scratch"})
        assert (refused.status, why in refused.part("main .bar")) == (409, True)
        assert refused.tree.cssselect("dialog [name='back.1']")[0].get("value") == typed["back.1"]
    wrong = books.submit(form, {"back.1": "one", "worth.2": "much"})
    assert (wrong.status, wrong.parts("dialog .fault")[0], len(wrong.parts("dialog .fault"))) == (422, "must be a whole number of units.", 3)
    done = books.submit(wrong.form("Write credit note"), {"back.1": "1", "worth.2": "9,00", "shipping": "yes", "reason": "a scratch"})
    assert "RK-2026-00001 credits 53.80 EUR of RE-2026-00001" in done.part("[role=status]")
    form = books.press(done, "Credit…").form("Write credit note")
    assert [said(each) for each in form.cssselect(".pair > .row.sp")] == ["1 · Espresso cups €39.90", "2 · Coffee grinder €80.00"]
    assert "all that is left: 119.90 EUR." in said(form)
    assert "shipping" not in form.fields

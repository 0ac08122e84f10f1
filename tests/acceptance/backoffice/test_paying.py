"""Somebody books by hand what came to the bank, and what went back: once for each reference."""

from __future__ import annotations

from collections.abc import Callable

from oms.bootstrap import Shop
from tests.acceptance.backoffice.browsing import Browser
from tests.builders import an_order

Person = Callable[..., Browser]
PILLS = "section:not([aria-labelledby=picture]) td .pill"
"""States of items; the picture of the process names states, too."""
ORDER = "/stores/main/orders/A-1001"


def test_a_payment_is_booked_once_and_what_waited_for_it_happens(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    jana = person("accountant")
    form = jana.press(jana.open(ORDER), "Book payment…").form("Book payment")
    assert (form.fields["amount"], form.fields["paid_on"]) == ("168.80", "2026-11-25")
    wrong = jana.submit(form, {"amount": "much", "reference": "bank 7", "paid_on": "2027-01-01"})
    assert wrong.status == 422
    assert [each.get("name") for each in wrong.tree.cssselect("dialog [aria-invalid]")] == ["amount", "paid_on"]
    assert wrong.form("Book payment").fields["reference"] == "bank 7"
    paid = jana.submit(form, {"amount": "168,80", "reference": "bank 7", "reason": "seen in the statement"})
    assert paid.part("[role=status]") == "The payment is booked."
    assert jana.submit(form, {"reference": "bank 7"}).part("[role=status]") == "This payment was booked before: nothing happened now."
    other = jana.submit(form, {"amount": "1.00", "reference": "bank 7"})
    assert (other.status, "another amount needs another reference" in other.part("[role=alert]")) == (409, True)
    assert [each.reference for each in shop.views.order("A-1001").payments] == ["bank 7"]
    shop.work()
    assert set(jana.open(ORDER).parts(PILLS)) == {"Invoiced"}


def test_what_was_paid_too_much_goes_back_by_hand(shop: Shop, person: Person) -> None:
    shop.place(an_order())
    shop.trigger("A-1001", "pay", payload={"amount": "200.00", "reference": "tx_1"})
    shop.work()
    jana = person("accountant")
    form = jana.press(jana.open(ORDER), "Book refund…").form("Book refund")
    nothing = jana.submit(form)
    assert (nothing.status, nothing.part("dialog .fault")) == (422, "is missing: under which reference did the money go back?")
    for _ in range(2):
        assert "31.20 EUR went back by hand: bank 9" in jana.submit(form, {"reference": "bank 9"}).part("[role=status]")
    assert "Book refund…" not in jana.open(ORDER).buttons()
    clerk = person("clerk", email="tom@shop.example")
    assert "Book payment…" not in clerk.open(ORDER).buttons()
    for act in ("payments", "refunds"):
        refused = clerk.client.post(f"{ORDER}/{act}", content="reference=x", headers={"Sec-Fetch-Site": "same-origin"})
        assert (refused.status_code, "You may not do this" in refused.text) == (403, True)

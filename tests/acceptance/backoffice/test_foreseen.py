"""What a form says before anybody lets an event happen: the same that comes of it then, to the cent, and no amount where nobody can know one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from oms.accounts.people import create_account
from oms.bootstrap import Shop
from oms.lookup.foreseen import foresee
from oms.lookup.order import order_page
from oms.outbox import Job
from oms.ports.drafts import NewMessage
from oms.ports.records import Document, Paper
from tests.acceptance.api.serving import answering, client_of
from tests.acceptance.backoffice.browsing import PASSWORD, Browser, Page
from tests.acceptance.backoffice.test_order import ORDER, PAID, invoiced, without_street
from tests.builders import an_order, open_test_shop

Person = Callable[..., Browser]
LINES = "#foreseen ul:first-of-type li"
MAY = "#foreseen ul:last-of-type li"


def asked(browser: Browser, event: str, **more: str) -> Page:
    """The form of an event."""
    return browser.open(f"{ORDER}?dialog=event&event={event}" + "".join(f"&{name}={value}" for name, value in more.items()))


def test_the_form_says_in_plain_words_what_cancelling_does_and_over_how_much(shop: Shop, person: Person) -> None:
    invoiced(shop)
    assert asked(person("clerk"), "cancel").parts(LINES) == [
        "Items 1, 2 (3 units): Invoiced → Refund under way",
        "Mail to jana@example.com: order cancelled.",
        "Invoice RE-2026-00001 is credited with €168.80.",
        "Mail to jana@example.com: credit note. Hidden copy to archive@kaffeehaus-muster.example.",
        "€168.80 is to be given back by hand: no payment provider is connected that could.",
    ]


def test_a_german_reads_it_in_german(shop: Shop, person: Person) -> None:
    invoiced(shop)
    assert asked(person("clerk", language="de"), "cancel", item="2").parts(LINES) == [
        "Position 2 (1 Stück): Berechnet → Erstattung läuft",
        "Mail an jana@example.com: Bestellung storniert.",
        "Rechnung RE-2026-00001 wird um 89,00 € gutgeschrieben.",
        "Mail an jana@example.com: Gutschrift. Blindkopie an archive@kaffeehaus-muster.example.",
        "89,00 € sind von Hand zurückzuzahlen: kein Zahlungsanbieter ist angebunden, der es könnte.",
    ]


def test_what_is_chosen_anew_is_reckoned_anew_and_nothing_chosen_lets_nothing_happen(shop: Shop, person: Person) -> None:
    invoiced(shop)
    clerk = person("clerk")
    some = asked(clerk, "cancel", chosen="1", item="1", **{"units.1": "1"})
    assert some.parts(LINES)[0] == "Item 1 (1 unit): Invoiced → Refund under way"
    none = asked(clerk, "cancel", chosen="1")
    assert none.part("#foreseen p") == "Choose at least one item."
    refused = clerk.submit(none.form("Cancel"), {"reason": "she changed her mind"})
    assert (refused.status, "empty list" in refused.part("[role=alert]")) == (422, True)
    assert {item.state for item in shop.views.order("A-1001").items} == {"invoiced"}


def test_what_will_fail_says_so_and_why(shop: Shop, person: Person) -> None:
    invoiced(shop)
    without_street(shop)
    page = asked(person("clerk"), "cancel")
    assert "billing address of order A-1001 lacks street" in page.part("#foreseen .fault")
    assert page.parts(LINES) == ["Items 1, 2 (3 units): Invoiced → nothing happens"]


def test_what_nobody_knows_yet_is_told_without_amounts(shop: Shop, person: Person) -> None:
    shop.place(an_order(payment={"method": "card"}))
    shop.work()
    shop.trigger("A-1001", "pay", payload=PAID)
    page = asked(person("clerk"), "ship")
    assert page.parts(LINES) == [
        "Items 1, 2 (3 units): Authorized → Money is fetched",
        "Mail to jana@example.com: goods are shipped.",
        "Nothing is to be fetched: all is paid.",
    ]
    assert page.parts(MAY) == ["An invoice is issued.", "The invoice is mailed to the customer."]


def test_what_the_worker_does_next_belongs_to_it(shop: Shop, person: Person) -> None:
    shop.place(an_order(payment={"method": "card"}))
    shop.work()
    shop.trigger("A-1001", "pay", payload=PAID)
    shop.trigger("A-1001", "ship")
    shop.work()
    shop.trigger("A-1001", "announce return", items=[("1", None)], reason="too small")
    assert asked(person("clerk"), "receive return").parts(LINES) == [
        "Item 1 (2 units): Return announced → Refund under way",
        "Invoice RE-2026-00001 is credited with €79.80.",
        "Mail to jana@example.com: credit note. Hidden copy to archive@kaffeehaus-muster.example.",
        "€79.80 is to be given back by hand: no payment provider is connected that could.",
    ]


def test_who_gave_money_back_by_hand_reads_how_much_is_booked(shop: Shop, person: Person) -> None:
    invoiced(shop)
    shop.trigger("A-1001", "cancel", items=[("2", None)], reason="she changed her mind")
    shop.work()
    assert asked(person("clerk"), "refund by hand").parts(LINES) == [
        "Item 2 (1 unit): Refund failed → Cancelled",
        "€89.00 is booked as given back by hand.",
    ]


def test_where_nobody_can_be_mailed_that_is_said(shop: Shop, person: Person) -> None:
    shop.place(an_order(customer={"name": "Jana Novak", "email": None}))
    shop.trigger("A-1001", "pay", payload=PAID)
    shop.work()
    assert asked(person("clerk", language="de"), "cancel").parts(LINES)[1:4] == [
        "keine Mail „cancelled“: der Kunde hat keine Adresse",
        "Rechnung RE-2026-00001 wird um 168,80 € gutgeschrieben.",
        "Zu drucken, denn der Kunde hat keine Mailadresse: Gutschrift.",
    ]


OWN = """
def pack(items, context): raise AssertionError("it was called")
def is_heavy(item, context): raise AssertionError("it was asked")
COMMANDS = (pack,)
CONDITIONS = (is_heavy,)
"""
PACKING = """
process: prepayment
initial: new
states: {new: {}, packed: {on_enter: issue_invoice}, heavy: {}, light: {final: true}, gone: {final: true}}
events: {send: {manual: true, command: pack}, weigh: {manual: true}}
transitions:
  - {from: new, event: send, to: packed}
  - {from: new, event: weigh, if: is_heavy, to: heavy, command: issue_invoice}
  - {from: new, event: weigh, to: light}
  - {from: [packed, heavy], event: weigh, to: gone}
"""


def test_words_of_the_shops_own_are_not_called_and_after_them_no_amount_is_said(tmp_path: Path) -> None:
    (tmp_path / "packing_words.py").write_text(OWN, encoding="utf-8")
    with open_test_shop(tmp_path, processes={"prepayment.yaml": PACKING}, extension="packing_words") as shop, answering(shop, pages=True) as address:
        shop.place(an_order())
        create_account(shop.store, "jana@shop.example", name="Jana", roles=["admin"], password=PASSWORD, stores=["main"])
        with client_of(address) as client:
            browser = Browser(client)
            browser.log_in("jana@shop.example")
            assert asked(browser, "send").parts(LINES) == [
                "Items 1, 2 (3 units): new → packed",
                "A step of the shop's own: pack.",
                "An invoice over an amount that isn't known yet is issued.",
            ]
            weighed = asked(browser, "weigh")
            assert weighed.parts(LINES) == ["Items 1, 2 (3 units): new → heavy or light"]
            assert weighed.parts(MAY) == ["An invoice is issued."]


DEEDS: Mapping[str, tuple[dict[str, Any], list[tuple[str, list[tuple[str, int | None]] | None]]]] = {
    "some units of what is billed": ({}, [("cancel", [("1", 1)]), ("ship", [("1", 1)])]),
    "all of it, a part after the other": ({}, [("cancel", [("2", None)]), ("cancel", [("1", 1)]), ("cancel", [("1", 1)])]),
    "with shipping and a voucher": (
        {"shipping": {"name": "DHL", "price": "4.90"}, "discounts": [{"name": "WELCOME10", "amount": "10.00"}]},
        [("cancel", [("1", 1)]), ("cancel", None)],
    ),
}


@pytest.mark.parametrize("case", DEEDS)
def test_what_was_foreseen_is_what_comes(shop: Shop, case: str) -> None:
    more, deeds = DEEDS[case]
    shop.place(an_order(**more))
    due = order_page(shop, "A-1001", store=None).due_minor
    shop.trigger("A-1001", "pay", payload={"amount": f"{due / 100:.2f}", "reference": "tx_1"})
    shop.work()
    for event, items in deeds:
        before = order_page(shop, "A-1001", store=None)
        labels = items or [(item.label, None) for item in before.view.items if event in before.possible(item)]
        found = foresee(shop, before, event, labels)
        assert found is not None
        again = order_page(shop, "A-1001", store=None)
        assert (again.view.signs, again.paid_minor) == (before.view.signs, before.paid_minor)
        shop.trigger("A-1001", event, items=items, reason="why not")
        after = order_page(shop, "A-1001", store=None)
        issued = [(paper.kind, paper.parent, paper.payable_minor) for paper, _ in after.view.invoices[len(before.view.invoices) :]]
        mailed = [(mail.template, [(each.address, each.role) for each in to]) for mail, to in after.view.mails[len(before.view.mails) :]]
        known = {job.id for job in before.view.jobs}
        ordered = [job.arguments["amount_minor"] for job in after.view.jobs if job.name == "refund_payment" and job.id not in known]
        written = found.written
        assert [(each.kind, each.parent, each.payable_minor) for each in written if isinstance(each, Document)] == issued
        assert [(each.template, list(each.recipients)) for each in written if isinstance(each, NewMessage)] == mailed
        assert [each.arguments["amount_minor"] for each in written if isinstance(each, Job) and each.name == "refund_payment"] == ordered
        assert not [each for each in written if isinstance(each, Paper)]
        assert {target for move in found.moves for target in move.targets} <= {item.state for item in after.view.items}

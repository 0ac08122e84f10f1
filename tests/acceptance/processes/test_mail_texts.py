"""What customers read: the shipped processes' mails in both languages, as text and as HTML, with these items, this money and this day."""

from __future__ import annotations

import json
import re
from html import unescape

from oms.documents.templates import Templates
from oms.engine.deliveries import send
from tests.architecture.sources import ROOT
from tests.unit.engine.scene import REFERENCE, Scene

TEMPLATES = Templates([ROOT / "templates"])
WHY = {"reason": "The customer asked for it."}
THREE = [
    {"sku": "CUP", "name": "Cup", "quantity": 1, "unit_price": "10.00", "tax_rate": "19"},
    {"sku": "GRINDER", "name": "Grinder", "quantity": 3, "unit_price": "20.00", "tax_rate": "19"},
]


def read(scene: Scene, template: str, *, number: int = 0, reference: str = REFERENCE) -> list[str]:
    """One of the mails of this template: text and HTML, English and German, as they look."""
    contexts = [json.loads(message.context) for message, _ in scene.order(reference).mails if message.template == template]
    mails = [TEMPLATES.mail(template, locale=locale, context=contexts[number]) for locale in ("en", "de")]
    return [_plain(part) for mail in mails for part in (mail.text, re.sub("<style>.*?</style>|<[^>]*>", " ", mail.html, flags=re.DOTALL))]


def _plain(text: str) -> str:
    """Without what differs between text and HTML, English and German: line ends, the signs of a list, currencies, decimal commas."""
    text = re.sub(r"(\d),(\d\d)\s€", r"\1.\2", unescape(text)).replace("€", "").replace("\N{MULTIPLICATION SIGN}", "x")
    return " ".join(text.replace(":", "").split()).replace(" - ", " ")


# ---- Which items ----


def test_cancelling_one_of_three_tells_of_this_one(shipped: Scene) -> None:
    shipped.place(items=THREE)

    shipped.trigger("cancel", ("2", 1), **WHY)

    for part in read(shipped, "cancelled"):
        assert "1 x Grinder 20.00" in part
        assert "Cup" not in part
        assert part.count(" x ") == 1


def test_each_parcel_tells_of_what_is_in_it(shipped: Scene) -> None:
    shipped.place(items=THREE)
    shipped.pay("70.00")
    shipped.settle()

    shipped.trigger("ship", ("2", 2))
    shipped.trigger("ship", "1", "2")

    for part in read(shipped, "shipped"):
        assert "2 x Grinder 40.00" in part
        assert "Cup" not in part
    for part in read(shipped, "shipped", number=1):
        assert "1 x Cup 10.00 1 x Grinder 20.00" in part


def test_the_confirmation_tells_of_all(shipped: Scene) -> None:
    shipped.place(items=THREE)

    for part in read(shipped, "order_confirmation"):
        assert "1 x Cup 10.00 3 x Grinder 60.00" in part


def test_no_subject_says_that_all_of_the_order_is_cancelled_or_sent(shipped: Scene) -> None:
    shipped.place(items=THREE)
    shipped.trigger("cancel", ("2", 1), **WHY)

    (_, context), *_ = [(message, json.loads(message.context)) for message, _ in shipped.order().mails if message.template == "cancelled"]

    subjects = [TEMPLATES.mail(name, locale=locale, context=context).subject for locale in ("en", "de") for name in ("cancelled", "shipped")]
    assert subjects == [
        "Items of your order A-1 have been cancelled",
        "Items of your order A-1 are on their way",
        "Artikel Ihrer Bestellung A-1 wurden storniert",
        "Artikel Ihrer Bestellung A-1 sind unterwegs",
    ]


# ---- What is to be paid, and where ----

GIFT_CARD = [{"method": "gift_card", "amount": "30.00", "reference": "GC-1"}]
WHERE = ("IBAN DE02 1203 0000 0000 2020 51", "A-1")


def test_a_confirmation_asks_for_what_a_gift_card_left_open(shipped: Scene) -> None:
    shipped.place(items=THREE, payments=GIFT_CARD)

    for part in read(shipped, "order_confirmation"):
        assert re.search(r"(Already paid|Bereits gezahlt) 30.00 ", part)
        assert re.search(r"(Amount due|Zu zahlen) 40.00 ", part)
        assert "70.00" in part
        assert all(each in part for each in WHERE)


def test_an_order_that_names_no_payment_is_told_where_to_pay_as_its_process_wants_it(shipped: Scene) -> None:
    shipped.place(items=THREE, payment=None)

    for part in read(shipped, "order_confirmation"):
        assert re.search(r"(Amount due|Zu zahlen) 70.00 ", part)
        assert all(each in part for each in WHERE)


def test_who_has_paid_all_or_pays_elsewhere_is_asked_for_nothing(shipped: Scene) -> None:
    shipped.place("A-1", items=THREE, payments=[{**GIFT_CARD[0], "amount": "70.00"}])
    shipped.place("A-2", items=THREE, payment={"method": "invoice"}, payments=GIFT_CARD)
    shipped.place("A-3", items=THREE, payment=None, process="invoice")

    for reference in ("A-1", "A-2", "A-3"):
        for part in read(shipped, "order_confirmation", reference=reference):
            assert "IBAN" not in part
            assert not re.search("Amount due|Zu zahlen", part)


def test_a_reminder_asks_for_what_is_still_open(shipped: Scene) -> None:
    shipped.place(items=THREE, payments=GIFT_CARD)
    shipped.pay("15.00")
    shipped.settle(days=3)

    for part in read(shipped, "payment_reminder"):
        assert re.search(r"(Amount due|Zu zahlen) 25.00 ", part)
        assert all(each in part for each in WHERE)


# ---- Several invoices of one order ----

REVIEWED = [
    {"sku": "CUP", "name": "Cup", "quantity": 1, "unit_price": "50.00", "tax_rate": "19"},
    {"sku": "GRINDER", "name": "Grinder", "quantity": 1, "unit_price": "60.00", "tax_rate": "19", "data": {"review": True}},
]


def _two_invoices(shipped: Scene) -> None:
    """The first is due five days before the second; both items are sent."""
    shipped.place(items=REVIEWED, payment={"method": "invoice"})
    shipped.clock.move(days=5)
    shipped.trigger("approve", "2")
    shipped.trigger("ship")
    assert shipped.bills() == [(5000, 0), (6000, 0)]


def test_each_reminder_names_the_invoice_of_its_items_once_it_is_late(shipped: Scene) -> None:
    _two_invoices(shipped)

    shipped.settle(days=10)
    shipped.settle(days=5)

    assert shipped.mails().count("payment_reminder") == 2
    for number, amount, day, month in (("RE-2026-00001", "50.00", "9", "December 9, 2026"), ("RE-2026-00002", "60.00", "14", "December 14, 2026")):
        for part in read(shipped, "payment_reminder", number=int(number[-1]) - 1):
            assert re.search(f"(was due on {month}|war am {day}. Dezember 2026)", part)
            assert re.search(rf"(Amount due|Zu zahlen) {amount} .*(Reference|Verwendungszweck) {number}", part)
            assert part.count("RE-2026-0000") == 2


def test_who_paid_the_invoice_that_was_due_first_is_reminded_of_the_other_alone(shipped: Scene) -> None:
    _two_invoices(shipped)
    shipped.pay("50.00")
    assert shipped.states() == ["paid", "shipped"]

    shipped.settle(days=10)
    assert "payment_reminder" not in shipped.mails()
    shipped.settle(days=5)

    assert shipped.mails().count("payment_reminder") == 1
    for part in read(shipped, "payment_reminder"):
        assert re.search("(Reference|Verwendungszweck) RE-2026-00002", part)
        assert re.search("(was due on December 14|war am 14. Dezember)", part)


def test_a_reminder_of_items_on_two_invoices_names_both_and_asks_for_their_sum(shipped: Scene) -> None:
    _two_invoices(shipped)
    shipped.pay("20.00")

    shipped.settle(days=15)  # nothing ran meanwhile: both are late

    assert shipped.mails().count("payment_reminder") == 1
    for part in read(shipped, "payment_reminder"):
        assert re.search("(Amount due|Zu zahlen) 90.00 .*(Reference|Verwendungszweck) RE-2026-00001, RE-2026-00002", part)
        assert len(re.findall("was due on|war am", part)) == 2


def test_an_invoices_mail_asks_for_what_payments_left_of_it_the_oldest_filled_first(shipped: Scene) -> None:
    _two_invoices(shipped)
    shipped.pay("70.00")

    send(shipped.shop.engine, [paper for paper, _ in shipped.order().invoices], force=True, dry_run=False, actor="petra")

    for part in read(shipped, "invoice", number=2):
        assert "IBAN" not in part
        assert re.search("paid in full|vollständig bezahlt", part)
    for part in read(shipped, "invoice", number=3):
        assert re.search("(Amount due|Zu zahlen) 40.00 ", part)

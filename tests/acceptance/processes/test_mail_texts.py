"""What customers read: the shipped processes' mails in both languages, as text and as HTML, with these items, this money and this day."""

from __future__ import annotations

import json
import re
from html import unescape

from oms.documents.templates import Templates
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

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

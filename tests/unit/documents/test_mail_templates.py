"""The shipped mails, and a shop's own over them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from oms.documents.pdf import PdfChild
from oms.documents.templates import Templates
from oms.errors import InvalidTemplate, RenderFailed
from tests.unit.documents.samples import MAILED_CREDIT_NOTE, MAILED_INVOICE, mail_context

TEMPLATES = Path(__file__).parents[3] / "templates"
NAMES = ["cancelled", "credit_note", "invoice", "order_confirmation", "payment_reminder", "shipped"]


@pytest.fixture(scope="module")
def shipped() -> Templates:
    return Templates([TEMPLATES])


class _Visible(HTMLParser):
    """What a reader of the HTML sees."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in {"style", "title"}
        assert not {name for name, _ in attrs} & {"onload", "onerror", "onclick", "src"}

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def visible(html: str) -> str:
    parser = _Visible()
    parser.feed(html)
    return " ".join(" ".join(parser.parts).split())


def test_the_shipped_mails_are_these(shipped: Templates) -> None:
    assert sorted(shipped.mail_names()) == NAMES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("locale", ["en", "de", "fr"])
def test_every_mail_names_the_order_and_the_sender_in_both_parts(shipped: Templates, name: str, locale: str) -> None:
    mail = shipped.mail(
        name, locale=locale, context=mail_context(invoice=MAILED_INVOICE, credit_note=MAILED_CREDIT_NOTE, event={"tracking": "TRACK-1"})
    )
    assert "A-1001" in mail.subject
    assert "\n" not in mail.subject
    for part in (mail.text, visible(mail.html)):
        assert "Jana Nováková" in part
        assert "A-1001" in part
        assert "Kontor & Küche GmbH" in part
        assert "HRB 123456" in part
        assert "{" not in part
    assert "<" not in mail.text
    assert "&amp;" not in mail.text


def test_the_customers_language_is_spoken_with_its_numbers_and_dates(shipped: Templates) -> None:
    german, english = (shipped.mail("invoice", locale=locale, context=mail_context(invoice=MAILED_INVOICE)).text for locale in ("de-DE", "en-US"))
    assert "24. November 2026" in german
    assert "84,70\xa0€" in german
    assert "November 24, 2026" in english
    assert "€84.70" in english


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("de-AT", "Ihre Bestellung"),
        ("de", "Ihre Bestellung"),
        ("en-GB", "Your order"),
        ("fr_CA", "Votre commande"),
        ("es", "Your order"),
        ("zh_Hans_CN", "Your order"),
    ],
)
def test_a_locale_falls_back_to_its_language_and_then_to_english(shipped: Templates, locale: str, subject: str) -> None:
    assert shipped.mail("order_confirmation", locale=locale, context=mail_context()).subject == f"{subject} A-1001"


@pytest.mark.parametrize("locale", ["en", "de", "fr"])
@pytest.mark.parametrize(("name", "quantity", "total"), [("cancelled", 1, "39"), ("shipped", 1, "39"), ("order_confirmation", 2, "79")])
def test_a_mail_about_items_lists_these_and_the_confirmation_all_of_the_order(
    shipped: Templates, name: str, locale: str, quantity: int, total: str
) -> None:
    mail = shipped.mail(name, locale=locale, context=mail_context())
    assert f"- {quantity} \N{MULTIPLICATION SIGN} Espresso cups: " in mail.text
    for part in (mail.text, visible(mail.html)):
        assert part.count("Espresso cups") == 1
        assert total in part


def test_the_mail_of_a_credit_note_names_both_papers_and_what_is_left(shipped: Templates) -> None:
    invoice = MAILED_INVOICE | {"open_minor": 4480}
    for locale, left in (("de", "bleiben zu zahlen: 44,80\xa0€"), ("en", "Still to be paid of the invoice: €44.80"), ("fr", "Reste à payer")):
        mail = shipped.mail("credit_note", locale=locale, context=mail_context(invoice=invoice, credit_note=MAILED_CREDIT_NOTE))
        assert "RK2026-000017" in mail.subject
        for part in ("RK2026-000017", "R2026-000381", "39", left):
            assert part in mail.text
    paid = shipped.mail("credit_note", locale="de", context=mail_context(invoice=MAILED_INVOICE | {"open_minor": 0}, credit_note=MAILED_CREDIT_NOTE))
    assert "erhalten Sie zurück" in paid.text
    assert "zu zahlen" not in paid.text
    assert not re.search("gutschrift|gutgeschrieben", paid.text + paid.html, re.IGNORECASE)


def test_a_prepaying_customer_is_told_what_is_open_and_where_to_pay_and_others_are_not(shipped: Templates) -> None:
    context = mail_context()
    assert "IBAN" not in shipped.mail("order_confirmation", locale="en", context=context).text
    context["order"] |= {"payment_method": "prepayment", "paid_minor": 3000, "open_minor": 5470}
    mail = shipped.mail("order_confirmation", locale="en", context=context)
    assert "Already paid: €30.00" in mail.text
    assert "Amount due: €54.70" in mail.text
    assert "IBAN: DE02 1203 0000 0000 2020 51" in mail.text
    assert "DE02 1203 0000 0000 2020 51" in visible(mail.html)


def test_a_paid_invoices_mail_asks_for_nothing(shipped: Templates) -> None:
    text = shipped.mail("invoice", locale="en", context=mail_context(invoice=MAILED_INVOICE | {"open_minor": 0})).text
    assert "paid in full" in text
    assert "IBAN" not in text
    assert "Amount due" not in text


def test_a_reminder_names_the_unpaid_invoices_or_else_the_order(shipped: Templates) -> None:
    invoices = [MAILED_INVOICE | {"number": "R1", "open_minor": 0}, MAILED_INVOICE | {"number": "R2", "open_minor": 470}, MAILED_INVOICE]
    billed = shipped.mail("payment_reminder", locale="en", context=mail_context(invoices=invoices)).text
    unbilled = shipped.mail("payment_reminder", locale="en", context=mail_context()).text
    assert "Reference: R2, R2026-000381" in billed
    assert "Amount due: €89.40" in billed
    assert "R1" not in billed
    assert "Reference: A-1001" in unbilled
    assert "Amount due: €84.70" in unbilled


@pytest.mark.parametrize(("late", "says"), [(True, "it was due on December 8, 2026"), (False, "it is due on December 8, 2026")])
def test_a_reminder_says_of_no_day_to_come_that_it_is_past(shipped: Templates, late: bool, says: str) -> None:  # noqa: FBT001
    assert says in shipped.mail("payment_reminder", locale="en", context=mail_context(invoices=[MAILED_INVOICE | {"late": late}])).text


def test_a_tracking_number_is_told_if_there_is_one(shipped: Templates) -> None:
    assert "TRACK-1" in shipped.mail("shipped", locale="de", context=mail_context(event={"tracking": "TRACK-1"})).text
    assert "Sendungsnummer" not in shipped.mail("shipped", locale="de", context=mail_context(event={})).text


HOSTILE = [
    '"><svg onload=alert(1)>',
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "' onerror='x",
    "</title></style><img src=x>",
    "/etc/passwd",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("payload", HOSTILE)
def test_what_customers_write_stays_text(shipped: Templates, name: str, payload: str) -> None:
    context = mail_context(invoice=MAILED_INVOICE, credit_note=MAILED_CREDIT_NOTE, event={"tracking": payload})
    context["customer"] = {"name": payload, "email": "jana@example.com"}
    context["items"] = [{"name": payload, "sku": payload, "quantity": 1, "total_minor": 1}]
    context["order"] = context["order"] | {"items": context["items"]}
    mail = shipped.mail(name, locale="en", context=context)
    assert payload in mail.text
    assert " ".join(payload.split()) in visible(mail.html)
    assert "49" not in visible(mail.html).replace("+49", "")


def test_a_shop_overrides_one_part_of_one_mail(tmp_path: Path) -> None:
    (tmp_path / "mails" / "de").mkdir(parents=True)
    (tmp_path / "mails" / "de" / "shipped.txt").write_text("Subject: Unterwegs: {{ order.reference }}\n\nMoin.\n")
    mail = Templates([tmp_path, TEMPLATES]).mail("shipped", locale="de", context=mail_context())
    assert (mail.subject, mail.text) == ("Unterwegs: A-1001", "Moin.\n")
    assert "abgeschickt" in mail.html


def test_a_shop_adds_a_mail_in_one_language_for_everybody(tmp_path: Path) -> None:
    (tmp_path / "mails" / "cs").mkdir(parents=True)
    (tmp_path / "mails" / "cs" / "birthday.txt").write_text("Subject: Vše nejlepší\n\nAhoj\n")
    (tmp_path / "mails" / "cs" / "birthday.html").write_text("<p>Ahoj</p>")
    templates = Templates([tmp_path, TEMPLATES])
    assert "birthday" in templates.mail_names()
    assert templates.check() == []
    assert templates.mail("birthday", locale="en", context={}).subject == "Vše nejlepší"


def test_a_mail_that_does_not_exist_is_said_with_those_that_do(shipped: Templates) -> None:
    with pytest.raises(InvalidTemplate, match=r"there is no mail 'shiped'\. There are: .*shipped"):
        shipped.mail("shiped", locale="de", context=mail_context())


def test_a_value_that_is_missing_is_an_error_at_its_line_and_not_an_empty_place(tmp_path: Path) -> None:
    (tmp_path / "mails" / "en").mkdir(parents=True)
    (tmp_path / "mails" / "en" / "x.txt").write_text("Subject: x\n\n{{ order.refrence }}\n")
    (tmp_path / "mails" / "en" / "x.html").write_text("<p>x</p>")
    with pytest.raises(InvalidTemplate, match=r"mails/en/x\.txt:3: 'dict object' has no attribute 'refrence'"):
        Templates([tmp_path]).mail("x", locale="en", context=mail_context())


def test_the_child_writes_mails_as_the_parent_does_and_says_what_fails(shipped: Templates) -> None:
    child = PdfChild([TEMPLATES])
    context = mail_context(invoice=MAILED_INVOICE)
    assert child.mail("invoice", locale="de", context=context) == shipped.mail("invoice", locale="de", context=context)
    with pytest.raises(RenderFailed, match="there is no mail 'nope'"):
        child.mail("nope", locale="de", context=context)
    child.close()


@pytest.mark.parametrize(("locale", "unnamed", "price"), [("en", "Shipping", "€4.90"), ("de", "Versand", "4,90"), ("fr", "Livraison", "4,90")])
def test_an_order_is_confirmed_with_what_sending_costs(shipped: Templates, locale: str, unnamed: str, price: str) -> None:
    context = mail_context()
    for name, word in (("DHL", "DHL"), (None, unnamed)):
        context["order"]["shipping"] = {"name": name, "total_minor": 490}
        mail = shipped.mail("order_confirmation", locale=locale, context=context)
        for part in (mail.text, visible(mail.html)):
            assert re.search(rf"{word}\s?: {re.escape(price)}", part)
    del context["order"]["shipping"]  # as it was promised before shipping was told
    assert not re.search(rf"^{unnamed}\s?:", shipped.mail("order_confirmation", locale=locale, context=context).text, re.MULTILINE)

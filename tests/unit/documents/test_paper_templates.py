"""The shipped delivery note, and a shop's own papers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest

from oms.documents.pdf import PdfChild
from oms.documents.templates import Templates
from oms.errors import InvalidTemplate, RenderFailed
from tests.unit.documents.samples import SELLER
from tests.unit.documents.test_mail_templates import HOSTILE, TEMPLATES, visible

JANA = {"name": "Jana Nováková", "extra": None, "street": "Hauptstraße 5", "postcode": "1010", "city": "Wien", "country": "AT"}


def snapshot(*, lines: int = 1, **changes: Any) -> dict[str, Any]:
    """What the command `document` freezes."""
    item = {"sku": "CUP-4", "name": "Espresso cups", "quantity": 2, "unit": None, "options": ["Gift wrap"], "bundle": None, "group": None, "data": {}}
    frozen: dict[str, Any] = {
        "schema": 1,
        "locale": "de",
        "made_on": "2026-11-24",
        "order": {
            "reference": "A-1001",
            "placed_on": "2026-11-20",
            "buyer_reference": None,
            "shipping": "DHL",
            "comment": None,
            "data": {},
        },
        "customer": {"name": "Jana Nováková", "email": "jana@example.com", "vat_id": None},
        "buyer": JANA,
        "ship_to": JANA,
        "seller": {**SELLER, "small_business": False},
        "items": [{"item": str(number), **item} for number in range(1, lines + 1)],
        "event": {"tracking": "TRACK-1"},
    }
    return frozen | changes


@pytest.fixture(scope="module")
def shipped() -> Templates:
    return Templates([TEMPLATES])


@pytest.fixture(scope="module")
def child() -> Iterator[PdfChild]:
    made = PdfChild([TEMPLATES])
    yield made
    made.close()


def printed(child: PdfChild, template: str = "delivery_note", **changes: Any) -> bytes:
    return child.paper(template, snapshot=snapshot(**changes), store="main", identifier="S-1", created_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def test_the_shipped_papers_beside_the_invoice_are_these(shipped: Templates) -> None:
    assert shipped.paper_names() == {"delivery_note"}


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("de", ["Lieferschein zur Bestellung A-1001", "24. November 2026", "Bestelldatum", "Sendungsnummer", "Menge", "Österreich"]),
        ("en", ["Delivery note for order A-1001", "November 24, 2026", "Order date", "Tracking number", "Qty", "Austria"]),
        ("fr", ["Bon de livraison de la commande A-1001", "24 novembre 2026", "Commandé le", "N° de suivi", "Quantité", "Autriche"]),
        ("es", ["Delivery note", "24 de noviembre de 2026"]),
    ],
)
def test_a_delivery_note_says_what_is_in_the_parcel_in_the_orders_language(shipped: Templates, locale: str, words: list[str]) -> None:
    seen = visible(shipped.paper_html("delivery_note", snapshot=snapshot(locale=locale), store="main"))
    for part in [*words, "Jana Nováková", "Hauptstraße 5", "1010 Wien", "Espresso cups", "CUP-4", "Gift wrap", "TRACK-1", "DHL", "HRB 123456"]:
        assert part in seen


def test_its_lines_bear_the_orders_numbers_and_one_from_before_is_printed_as_it_was(shipped: Templates) -> None:
    given = snapshot(lines=2)
    assert re.findall(r'class="quiet">(.*?)<', shipped.paper_html("delivery_note", snapshot=given, store="main")) == ["1", "2"]
    for item, line in zip(given["items"], (2, 5), strict=True):
        item["line"] = line
    assert re.findall(r'class="quiet">(.*?)<', shipped.paper_html("delivery_note", snapshot=given, store="main")) == ["2", "5"]


def test_it_names_no_price_no_bank_and_no_tracking_number_that_is_not_there(shipped: Templates) -> None:
    seen = visible(shipped.paper_html("delivery_note", snapshot=snapshot(event={}), store="main"))
    assert not re.search(r"€|EUR|IBAN|Sendungsnummer|\{", seen)


def test_who_ordered_it_is_named_where_the_parcel_goes_to_somebody_else(shipped: Templates) -> None:
    gift = snapshot(ship_to=JANA | {"name": "Ana Horvat", "extra": "c/o Bakery"})
    seen = visible(shipped.paper_html("delivery_note", snapshot=gift, store="main"))
    assert "Besteller Jana Nováková" in seen
    assert "c/o Bakery" in seen
    assert "Besteller" not in visible(shipped.paper_html("delivery_note", snapshot=snapshot(), store="main"))


def test_each_page_says_which_of_how_many_it_is_and_repeats_the_heading(child: PdfChild) -> None:
    made = pages(printed(child, lines=60))
    assert len(made) > 2
    for number, text in enumerate(made, start=1):
        assert f"Seite {number} von {len(made)}" in text
        assert "Lieferschein zur Bestellung A-1001" in text
        assert "Bezeichnung" in text


def test_the_same_snapshot_gives_the_same_bytes(child: PdfChild) -> None:
    assert printed(child) == printed(child)


@pytest.mark.parametrize("payload", HOSTILE)
def test_what_customers_write_stays_text(shipped: Templates, payload: str) -> None:
    hostile = snapshot(ship_to=JANA | {"name": payload}, event={"tracking": payload})
    hostile["items"][0] |= {"name": payload, "options": [payload]}
    seen = visible(shipped.paper_html("delivery_note", snapshot=hostile, store="main"))
    assert seen.count(" ".join(payload.split())) >= 4


def test_a_shops_own_paper_needs_a_few_lines_and_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "picking_list.html").write_text(
        '{% extends "papers/_layout.html" %}{% set title = words.picking_list %}'
        "{% block body %}{% for item in items %}<p>{{ item.quantity | quantity }} {{ item.name }} {{ item.data.shelf }}</p>{% endfor %}{% endblock %}"
    )
    for tongue, word in (("de", "Packliste"), ("en", "Picking list")):
        (tmp_path / "papers" / f"words.{tongue}.toml").write_text(f'picking_list = "{word}"\n')
    templates = Templates([tmp_path, TEMPLATES])
    assert templates.paper_names() == {"delivery_note", "picking_list"}
    assert templates.check() == []
    listed = snapshot()
    listed["items"][0]["data"] = {"shelf": "7 left"}
    seen = visible(templates.paper_html("picking_list", snapshot=listed, store="main"))
    assert "Packliste zur Bestellung A-1001" in seen
    assert "2 Espresso cups 7 left" in seen


def test_a_store_has_its_own_and_the_logo_of_its_invoices(tmp_path: Path) -> None:
    (tmp_path / "papers" / "second").mkdir(parents=True)
    (tmp_path / "papers" / "second" / "delivery_note.html").write_text("<p>{{ logo }}</p>")
    (tmp_path / "invoices").mkdir()
    (tmp_path / "invoices" / "logo.svg").write_text("<svg/>")
    templates = Templates([tmp_path, TEMPLATES])
    assert templates.paper_html("delivery_note", snapshot=snapshot(), store="second") == "<p>invoices/logo.svg</p>"
    assert "Lieferschein" in templates.paper_html("delivery_note", snapshot=snapshot(), store="main")


def test_a_paper_that_is_not_there_is_said(shipped: Templates, child: PdfChild) -> None:
    with pytest.raises(InvalidTemplate, match=r"papers/delivery_slip\.html"):
        shipped.paper_html("delivery_slip", snapshot=snapshot(), store="main")
    with pytest.raises(RenderFailed, match=r"papers/delivery_slip\.html"):
        printed(child, "delivery_slip")


def test_a_word_that_a_shop_forgot_in_a_language_of_its_own_is_found(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "words.en.toml").write_text('picking_list = "Picking list"\n')
    (tmp_path / "papers" / "words.de.toml").write_text('page = "S."\n')
    assert [str(problem) for problem in Templates([tmp_path, TEMPLATES]).check()] == ["papers/words.de.toml: lacks picking_list."]


def test_a_language_that_a_shop_never_wrote_in_has_its_own_words_in_english(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "words.en.toml").write_text('picking_list = "Picking list"\n')
    (tmp_path / "papers" / "picking_list.html").write_text('{% extends "papers/_layout.html" %}{% set title = words.picking_list %}')
    templates = Templates([tmp_path, TEMPLATES])
    assert templates.check() == []
    seen = visible(templates.paper_html("picking_list", snapshot=snapshot(locale="fr_FR"), store="main"))
    assert "Picking list de la commande A-1001" in seen

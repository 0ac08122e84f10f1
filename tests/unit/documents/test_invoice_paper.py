"""How an invoice looks: where the address stands, what comes again on each page, what a phone can scan, what colour it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
import zxingcpp

from oms.documents.giro import giro_asset, giro_png, giro_text
from oms.documents.pdf import PdfChild
from oms.documents.templates import Templates
from oms.invoicing import Invoice, Note, with_notes
from tests.law import breaches, pages_of
from tests.specimens import (
    BOSTON,
    FRENCH,
    LEEDS,
    LYON,
    SPECIMENS,
    credit_note,
    english,
    foreign_currency,
    french,
    gross,
    lines,
    net,
    paid,
    small_business,
    snapshot_of,
)
from tests.unit.documents.places import corners_of, texts_of

TEMPLATES = Path(__file__).parents[3] / "templates"
Print = Callable[..., bytes]


@pytest.fixture(scope="module")
def print_(shared: PdfChild) -> Print:
    def printed(invoice: Invoice, **changes: Any) -> bytes:
        watermark = changes.pop("watermark", None)
        snapshot = snapshot_of(invoice) | changes
        return shared.invoice(snapshot, store="main", identifier="x", created_at=datetime(2026, 11, 24, tzinfo=UTC), watermark=watermark)

    return printed


@pytest.fixture(scope="module")
def shared() -> Iterator[PdfChild]:
    child = PdfChild([TEMPLATES])
    yield child
    child.close()


# ---- The window of an envelope -------------------------------------------------------------------------------------------------------------


def window(pdf: bytes, *, left: float, right: float) -> list[str]:
    """What is seen through the window, which is 45 mm high."""
    return [placed.text for placed in texts_of(pdf) if left <= placed.x < right and 45 < placed.y < 90]


def test_a_german_letter_has_its_address_in_the_window_of_din_5008_b_and_nothing_else_there(print_: Print) -> None:
    assert window(print_(net()), left=20, right=105) == [
        "Kontor & Küche GmbH · Speicherstraße 12 · 20457 Hamburg",
        "Jana Novák",
        "Marktplatz 2",
        "80331 München",
    ]


def test_the_address_begins_where_the_standard_has_it_and_the_line_of_the_sender_stands_above(print_: Print) -> None:
    placed = {text.text: text for text in texts_of(print_(net()))}
    name, sender = placed["Jana Novák"], placed["Kontor & Küche GmbH · Speicherstraße 12 · 20457 Hamburg"]
    assert (round(name.x, 1), round(sender.x, 1)) == (25.0, 25.0)
    assert 62.7 < name.y < 62.7 + 5
    assert 45 + 12.7 < sender.y < 62.7


def test_marks_say_where_a_german_letter_is_folded_and_punched(print_: Print) -> None:
    marks = {y for x, y in corners_of(print_(net())) if x < 20}
    assert marks == {105, 148.5, 210}
    assert {y for x, y in corners_of(print_(french())) if x < 20} == set()


def test_only_the_first_page_has_marks(print_: Print) -> None:
    assert {y for x, y in corners_of(print_(lines(40)), page=1) if x < 20} == set()


def test_a_french_letter_has_its_address_at_the_right(print_: Print) -> None:
    assert window(print_(french()), left=105, right=200) == [
        "Brûlerie du Port SARL · 14 quai des Chartrons · 33000 Bordeaux",
        "Atelier Moreau SAS",
        "Service achats",
        "8 rue Mercière",
        "69002 Lyon",
    ]


def test_an_address_of_many_lines_begins_higher_and_stays_in_the_window(print_: Print) -> None:
    buyer = snapshot_of(english())["buyer"] | {
        "name": "The Worshipful Society of Coffee Roasters and Purveyors of Fine Beans",
        "extra": "Accounts " * 8,
    }
    placed = texts_of(print_(english(), buyer=buyer))
    country = next(text for text in placed if text.text == "United Kingdom")
    assert country.y < 90
    assert min(text.y for text in placed if text.text.startswith("Kontor & Küche GmbH ·")) > 45


@pytest.mark.parametrize(("address", "line"), [(LEEDS, "Leeds LS1 5HD"), (BOSTON, "Boston MA 02108"), (LYON, "69002 Lyon")])
def test_town_and_postcode_stand_as_the_post_of_the_country_wants_them(print_: Print, address: dict[str, str], line: str) -> None:
    assert line in window(print_(net(), buyer=snapshot_of(net())["buyer"] | address), left=20, right=105)


def test_another_address_for_the_parcel_is_told_but_not_in_the_window(print_: Print) -> None:
    pdf = print_(english())
    assert "Harper & Co, Warehouse Kanalstraße 3 22085 Hamburg Germany" in " ".join(pages_of(pdf))
    assert not [text for text in window(pdf, left=20, right=105) if "Warehouse" in text]


# ---- Long texts ----------------------------------------------------------------------------------------------------------------------------

LONG_SELLER = {
    "name": "Gesellschaft für Kaffeehandel und Maschinenbau mbH & Co. KG",
    "street": "Straße der Deutsch-Französischen Freundschaft 123 a",
    "email": "buchhaltung@gesellschaft-fuer-kaffeehandel.example",
    "website": "www.gesellschaft-fuer-kaffeehandel.example",
    "managers": "Dr. Maximilian Mustermann-Beispiel, Annegret Schmidt-Lüdenscheid",
    "legal_id": "HRB 999",
}


def test_of_a_seller_with_long_names_everything_stands_on_the_paper(print_: Print) -> None:
    """Columns that are pushed off the paper are still text of the PDF, so it is looked where they stand."""
    pdf = print_(net(), seller=snapshot_of(net())["seller"] | LONG_SELLER)
    lines_of_foot = [text for text in texts_of(pdf) if text.y > 270]
    assert "IBAN DE02" in " ".join(text.text for text in lines_of_foot)
    assert max(text.x for text in lines_of_foot) < 190
    assert max(text.y for text in lines_of_foot) < 290


def test_a_long_line_of_the_sender_does_not_run_into_the_address(print_: Print) -> None:
    texts = texts_of(print_(net(), seller=snapshot_of(net())["seller"] | LONG_SELLER))
    (name,) = [text for text in texts if text.text == "Jana Novák"]
    sender = [text for text in texts if 45 < text.y < 90 and text.x < 105 and text.y < name.y]
    assert [text.text[:12] for text in sender] == ["Gesellschaft", "der Deutsch-"]
    assert 62.7 < name.y < 62.7 + 5
    assert max(text.y for text in sender) < 62.7


def test_a_long_reference_goes_on_in_the_next_line(print_: Print) -> None:
    reference = "04011000-1234512345-06-1234567890123456789012"
    parts = [text for text in texts_of(print_(net(), buyer_reference=reference)) if text.text and text.text in reference and len(text.text) > 5]
    assert "".join(part.text for part in parts) == reference
    assert [round(part.x) for part in parts] == [147, 147]


def test_a_unit_that_does_not_fit_beside_its_quantity_stands_below_it(print_: Print) -> None:
    (line, *_) = snapshot_of(net())["lines"]
    texts = texts_of(print_(net(), lines=[line | {"quantity": 12, "unit": "Flaschen"}]))
    (number,) = [text for text in texts if text.text == "12"]
    (unit,) = [text for text in texts if text.text == "Flaschen"]
    assert unit.y > number.y + 2
    assert unit.x > 25 + 0.5 * 165


def test_a_minus_is_the_same_in_each_column(print_: Print) -> None:
    (line, *_) = snapshot_of(net())["lines"]
    texts = {text.text for text in texts_of(print_(net(), lines=[line | {"quantity": -2, "net_minor": -1998}]))}
    assert {"\N{MINUS SIGN}2", "\N{MINUS SIGN}19,98"} <= texts


# ---- Many lines ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [16, 17, 18, 19, 20, 40, 41, 42, 300])
def test_however_many_lines_there_are_no_row_is_cut_and_no_totals_stand_alone(print_: Print, count: int) -> None:
    pages = pages_of(print_(lines(count)))
    for number in range(count):
        assert sum(page.count(f"SKU-{number:04} ") for page in pages) == 1
    for number, page in enumerate(pages, start=1):
        assert f"Rechnung RE-2026-00381 Seite {number} von {len(pages)}" in page
        assert "SKU-" in page
        assert page.count("Bezeichnung") == 1
    assert [number for number, page in enumerate(pages) if "Zu zahlen EUR" in page] == [len(pages) - 1]


def test_a_long_invoice_is_whole(print_: Print) -> None:
    assert breaches(snapshot_of(lines(300)), pages_of(print_(lines(300)))) == []


def test_large_amounts_stay_within_the_margin(print_: Print) -> None:
    large = snapshot_of(net())["totals"] | {"due_minor": 123_456_789_012, "gross_minor": 123_456_789_012}
    due = next(text for text in texts_of(print_(net(), totals=large)) if "1.234.567.890,12" in text.text and "EUR" in text.text)
    assert due.x > 100


@pytest.mark.parametrize("minor", [999_999_999, 123_456_789_012, 99_999_999_999_999])
def test_no_amount_of_a_line_runs_into_the_column_before_it(print_: Print, minor: int) -> None:
    line = snapshot_of(net())["lines"][0] | {"net_minor": minor, "unit_price": str(Decimal(minor).scaleb(-2))}
    figures = [text for text in texts_of(print_(net(), lines=[line])) if text.text.startswith(("9.999.99", "1.234.56", "999.999.99"))]
    price, amount = [text.x for text in figures]
    assert (price >= 128.9, amount >= 165.2) == (True, True), "where their columns begin"


def test_a_part_of_an_order_says_so_and_that_voucher_and_shipping_are_shares(print_: Print) -> None:
    whole = " ".join(pages_of(print_(gross())))
    part = " ".join(pages_of(print_(gross(), partial=True)))
    assert ("Teilrechnung" in part, "Teilrechnung" in whole) == (True, False)
    assert ("anteilig" in part, "anteilig" in whole) == (True, False)


# ---- The code that banking apps scan -------------------------------------------------------------------------------------------------------


def scanned(pdf: bytes) -> list[str]:
    """What a program that reads codes finds on the first page."""
    images = [image.image for image in pypdf.PdfReader(BytesIO(pdf)).pages[0].images]
    return [code.text for image in images if image for code in zxingcpp.read_barcodes(_on_paper(image))]


def _on_paper(image: Any) -> Any:
    """With the quiet zone that the page gives it."""
    from PIL import ImageOps  # noqa: PLC0415

    return ImageOps.expand(image.convert("L"), border=20, fill=255)


def test_what_is_due_can_be_paid_by_scanning(print_: Print) -> None:
    said = "BCD\n002\n1\nSCT\nBYLADEM1001\nKontor & Küche GmbH\nDE02120300000000202051\nEUR507.78\n\n\nRE-2026-00381"
    assert scanned(print_(net())) == [said]
    (partly,) = scanned(print_(gross()))
    assert "EUR335.38" in partly.splitlines()


@pytest.mark.parametrize("paper", [paid, credit_note, foreign_currency])
def test_nothing_can_be_scanned_where_nothing_is_to_be_paid_in_euros(print_: Print, paper: Callable[[], Invoice]) -> None:
    assert scanned(print_(paper())) == []


def test_nothing_can_be_scanned_without_an_account(print_: Print) -> None:
    assert scanned(print_(net(), seller=snapshot_of(net())["seller"] | {"iban": None})) == []


@pytest.mark.parametrize(
    ("changes", "lines_of_it"),
    [
        ({"seller": {"name": "x" * 71, "iban": "DE02 1203 0000 0000 2020 51", "bic": None}}, {4: "", 5: "x" * 70, 6: "DE02120300000000202051"}),
        ({"seller": {"name": " A\nB ", "iban": "DE02120300000000202051"}}, {4: "", 5: "A B"}),
        ({"totals": {"due_minor": 1}}, {7: "EUR0.01"}),
        ({"totals": {"due_minor": 99_999_999_999}}, {7: "EUR999999999.99"}),
    ],
)
def test_the_code_keeps_to_the_lengths_of_its_standard(changes: dict[str, Any], lines_of_it: dict[int, str]) -> None:
    text = giro_text(snapshot_of(net()) | changes)
    assert text is not None
    assert {number: text.split("\n")[number] for number in lines_of_it} == lines_of_it


@pytest.mark.parametrize("changes", [{"totals": {"due_minor": 100_000_000_000}}, {"seller": {"name": "\N{PILE OF POO}" * 70, "iban": "x" * 34}}])
def test_what_its_standard_has_no_room_for_gets_no_code(changes: dict[str, Any]) -> None:
    assert giro_text(snapshot_of(net()) | changes) is None
    assert giro_asset(snapshot_of(net()) | changes) is None


@pytest.mark.parametrize("name", ["giro/%%%.png", "giro/.png", f"giro/{'QUFB' * 200}.png", "giro/_w==.png"])
def test_a_name_that_holds_no_text_is_no_picture(name: str) -> None:
    with pytest.raises(ValueError, match="code"):
        giro_png(name)


def test_other_names_are_left_to_the_folders() -> None:
    assert giro_png("invoices/logo.png") is None


# ---- What else a seller prints -------------------------------------------------------------------------------------------------------------


def test_headings_and_rules_have_the_sellers_colour(print_: Print) -> None:
    def colours(pdf: bytes) -> bytes:
        content = pypdf.PdfReader(BytesIO(pdf)).pages[0].get_contents()
        return b"" if content is None else content.get_data()

    brown = snapshot_of(net())["seller"] | {"colour": "#7a4a21"}
    of_brown = b"0.478431 0.290196 0.129412"
    assert of_brown in colours(print_(net(), seller=brown))
    assert of_brown not in colours(print_(net()))


def test_notes_and_the_reason_why_no_tax_is_charged_stand_below_the_sums_each_once(print_: Print) -> None:
    (page,) = pages_of(print_(with_notes(small_business(), [Note(text="Vielen Dank."), Note(text="Thanks.", locale="en")])))
    assert page.count("Gemäß § 19 UStG wird keine Umsatzsteuer berechnet.") == 1
    assert page.index("Zu zahlen EUR") < page.index("Gemäß § 19") < page.index("Vielen Dank.")
    assert "Thanks." not in page


def test_a_small_business_shows_no_rate_of_tax(print_: Print) -> None:
    (page,) = pages_of(print_(small_business()))
    assert "%" not in page
    assert "ohne USt.: 50,00 0,00" in page


def test_a_preview_is_marked_on_every_page(print_: Print) -> None:
    pages = pages_of(print_(replace(lines(40), number="PREVIEW"), watermark="PREVIEW"))
    assert scanned(print_(replace(net(), number="PREVIEW"), watermark="PREVIEW")) == []  # nobody shall pay it
    assert [page.count("PREVIEW") for page in pages] == [3, 3]  # heading, foot, across; then foot, reference, across


@pytest.mark.parametrize("language", ["de_DE", "en_GB", "fr_FR"])
@pytest.mark.parametrize("name", SPECIMENS)
def test_every_paper_can_be_written_in_every_language(name: str, language: str) -> None:
    html = Templates([TEMPLATES]).invoice_html(snapshot_of(replace(SPECIMENS[name](), locale=language)), store="main")
    assert "{" not in html.partition("</style>")[2]
    if language == "de_DE":
        assert "gutschrift" not in html.lower()


def test_the_template_of_the_store_wins_then_that_of_the_kind_then_that_of_the_language(tmp_path: Path) -> None:
    def printed(paper: Invoice, store: str) -> str:
        return Templates([tmp_path, TEMPLATES]).invoice_html(snapshot_of(paper), store=store)

    for name in ("invoice.html", "invoice.de.html", "credit_note.html", "credit_note.de-DE.html", "tea/invoice.html", "tea/credit_note.de.html"):
        (tmp_path / "invoices" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "invoices" / name).write_text(name)
        assert printed(credit_note(), "tea") == name
    wins = [printed(paper, "main") for paper in (credit_note(), net(), english())]
    assert wins == ["credit_note.de-DE.html", "invoice.de.html", "invoice.html"]


def test_a_french_seller_says_its_siren(print_: Print) -> None:
    assert f"SIREN {FRENCH['legal_id']}" in " ".join(pages_of(print_(french())))


def test_a_snapshot_of_before_is_printed_as_it_was() -> None:
    snapshot = snapshot_of(paid())
    for key in ("kind", "parent", "reason", "home_tax", "partial"):
        del snapshot[key]
    for key in ("colour", "contact", "legal_id"):
        del snapshot["seller"][key]
    snapshot["tax_groups"] = [{"rate": "0", "category": "E", "base_minor": 1679, "tax_minor": 0}]
    snapshot["notes"] = ["Gemäß § 19 UStG wird keine Umsatzsteuer berechnet."]
    html = Templates([TEMPLATES]).invoice_html(snapshot, store="main")
    assert "Rechnung RE-2026-00381" in html
    assert html.count("Gemäß § 19 UStG") == 1

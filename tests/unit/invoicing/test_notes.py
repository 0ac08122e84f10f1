"""Which of the seller's notes a document says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oms.invoicing import Note, exemption_of, notes_for, with_notes
from tests.specimens import french, intra_eu, net

GERMAN_INVOICE: dict[str, Any] = {"kind": "invoice", "country": "DE", "categories": {"S"}, "locale": "de_AT"}


@pytest.mark.parametrize(
    ("narrowed", "says"),
    [
        ({}, True),
        ({"kind": "invoice"}, True),
        ({"kind": "credit_note"}, False),
        ({"country": "DE"}, True),
        ({"country": "FR"}, False),
        ({"category": "S"}, True),
        ({"category": "K"}, False),
        ({"locale": "de"}, True),
        ({"locale": "de_AT"}, True),
        ({"locale": "de_DE"}, False),
        ({"locale": "en"}, False),
        ({"kind": "invoice", "country": "DE", "category": "S", "locale": "de"}, True),
        ({"kind": "invoice", "country": "DE", "category": "K", "locale": "de"}, False),
    ],
)
def test_a_note_is_said_where_everything_fits_that_it_asks_for(narrowed: dict[str, str], says: bool) -> None:  # noqa: FBT001
    assert notes_for([Note(text="Danke", **narrowed)], **GERMAN_INVOICE) == (("Danke",) if says else ())


def test_notes_keep_their_order_and_are_said_once() -> None:
    notes = [Note(text="b"), Note(text="a"), Note(text="b", kind="invoice")]
    assert notes_for(notes, **GERMAN_INVOICE) == ("b", "a")


def test_a_language_is_not_the_beginning_of_another_ones_name() -> None:
    assert notes_for([Note(text="x", locale="fi")], **GERMAN_INVOICE | {"locale": "fil_PH"}) == ()


def test_a_document_says_what_is_meant_for_its_buyer_its_taxes_and_its_language() -> None:
    notes = [Note(text="K", category="K"), Note(text="FR", country="FR"), Note(text="fr", locale="fr"), Note(text="all")]
    assert with_notes(intra_eu(), notes).notes == ("K", "FR", "fr", "all")
    assert with_notes(french(), notes).notes == ("FR", "fr", "all")
    assert with_notes(net(), notes).notes == ("all",)


def test_a_credit_note_does_not_keep_what_its_invoice_said() -> None:
    credit = replace(with_notes(net(), [Note(text="Zahlbar sofort", kind="invoice")]), kind="credit_note")
    assert with_notes(credit, [Note(text="Zahlbar sofort", kind="invoice")]).notes == ()


@pytest.mark.parametrize(("category", "code"), [("K", "VATEX-EU-IC"), ("AE", "VATEX-EU-AE"), ("G", "VATEX-EU-G"), ("O", "VATEX-EU-O")])
def test_why_no_tax_is_charged_is_known_in_three_languages_and_told_to_others_in_english(category: str, code: str) -> None:
    said = [exemption_of(category, locale) for locale in ("de_DE", "en_GB", "fr_FR", "es_ES")]
    texts = [text for found in said if found for text in [found[1]]]
    assert [found[0] for found in said if found] == [code] * 4
    assert len(set(texts)) == 3
    assert texts[1] == texts[3]


def test_exempt_and_taxed_supplies_have_no_usual_reason() -> None:
    assert exemption_of("E", "de_DE") is None
    assert exemption_of("S", "de_DE") is None

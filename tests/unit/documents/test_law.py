"""What the law asks, read from the PDF of each kind of paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest

from oms.documents.pdf import PdfChild
from oms.invoicing.cii import invoice_to_cii
from tests.law import breaches, pages_of
from tests.specimens import SPECIMENS, credit_note, foreign_currency, net, reverse_charge, small_business, snapshot_of

TEMPLATES, DOCS = (Path(__file__).parents[3] / name for name in ("templates", "docs/specimens"))


@pytest.fixture(scope="module")
def child() -> Iterator[PdfChild]:
    made = PdfChild([TEMPLATES])
    yield made
    made.close()


def printed(child: PdfChild, snapshot: dict[str, Any]) -> list[str]:
    return pages_of(child.invoice(snapshot, store="main", identifier="x", created_at=datetime(2026, 11, 24, tzinfo=UTC)))


@pytest.mark.parametrize("name", SPECIMENS)
def test_every_paper_says_what_the_law_asks(child: PdfChild, name: str) -> None:
    snapshot = snapshot_of(SPECIMENS[name]())
    assert breaches(snapshot, printed(child, snapshot)) == []


@pytest.mark.parametrize("name", SPECIMENS)
def test_the_paper_that_lies_among_the_documents_is_the_one_that_is_made(child: PdfChild, name: str) -> None:
    """Else: python scripts/specimens.py."""
    invoice, lies = SPECIMENS[name](), (DOCS / f"{name.replace(' ', '-').lower()}.pdf").read_bytes()
    assert pages_of(lies) == printed(child, snapshot_of(invoice))
    assert pypdf.PdfReader(BytesIO(lies)).attachments["factur-x.xml"] == [invoice_to_cii(invoice)]


def test_no_other_paper_lies_there() -> None:
    assert len(list(DOCS.glob("*.pdf"))) == len(SPECIMENS)


def test_forty_lines_stand_on_several_pages(child: PdfChild) -> None:
    assert len(printed(child, snapshot_of(SPECIMENS["40 lines"]()))) == 2


def changed(snapshot: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The same with another value: then the paper, made of the first, lacks it."""
    key, _, rest = path.partition(".")
    inner: Any = snapshot[key]
    if not rest:
        return snapshot | {key: value}
    if isinstance(inner, list):
        return snapshot | {key: [changed(inner[0], rest, value), *inner[1:]]}
    return snapshot | {key: changed(inner, rest, value)}


@pytest.mark.parametrize(
    ("paper", "path", "value", "breach"),
    [
        (net, "number", "RE-2026-00382", "what it is, and its number, on each page"),
        (net, "issued_on", "2026-11-25", "date of issue"),
        (net, "supply_on", None, "date of supply, or that it is the same"),
        (net, "seller.street", "Hafen 1", "seller's street"),
        (net, "seller.country", "AT", "seller's country"),
        (net, "buyer.name", "Karl", "buyer's name"),
        (net, "buyer.city", "Ulm", "buyer's city"),
        (reverse_charge, "buyer.country", "IT", "buyer's country"),
        (net, "lines.name", "Saucers", "line 1: name, quantity, net price, rate, net amount"),
        (net, "lines.quantity", 3, "line 1: name, quantity, net price, rate, net amount"),
        (net, "lines.unit_price", "11.89", "line 1: name, quantity, net price, rate, net amount"),
        (net, "lines.tax_rate", "7", "line 1: name, quantity, net price, rate, net amount"),
        (net, "tax_groups.tax_minor", 1, "base and tax of S 19 %"),
        (net, "totals.gross_minor", 1, "gross_minor"),
        (net, "totals.paid_minor", 100, "what is paid"),
        (net, "due_on", "2026-12-09", "payment terms"),
        (reverse_charge, "buyer.vat_id", "FR00", "buyer's VAT id"),
        (small_business, "tax_groups.exemption_text", "§ 4 UStG", "why E is not taxed"),
        (small_business, "seller.tax_number", None, "seller's VAT id or tax number"),
        (foreign_currency, "home_tax.tax_minor", 1171, "tax in the seller's currency, and the rate"),
        (credit_note, "parent.number", "RE-2026-00380", "number and date of the invoice"),
        (credit_note, "reason", "Bruch", "why"),
    ],
)
def test_each_line_of_the_list_is_missed_where_it_is_missing(child: PdfChild, paper: Any, path: str, value: object, breach: str) -> None:
    snapshot = snapshot_of(paper())
    assert breach in breaches(changed(snapshot, path, value), printed(child, snapshot))

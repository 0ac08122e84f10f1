"""`oms invoice preview`: what would be billed now, without a number and without a trace."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
from sqlalchemy import select

from oms.bootstrap import open_shop
from oms.store.tables import METADATA
from tests.acceptance.cli.calling import NUMBER, PAY, Caller


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)


def stored(oms: Caller) -> dict[str, list[Any]]:
    """Every row of every table, and what lies beside the database. Not what is said of it: that counts the minutes until a timer is due."""
    with open_shop(oms.folder) as shop, shop.store.connection() as connection:
        tables = {table.name: sorted(map(repr, connection.execute(select(table)))) for table in METADATA.sorted_tables}
    files = [path for path in (oms.folder / "data").rglob("*") if path.is_file() and not path.name.startswith("oms.db")]
    assert tables["orders"] != []
    return tables | {"files": sorted((str(path), path.read_bytes()) for path in files)}


def test_a_preview_says_what_would_be_billed_and_is_marked_as_one(oms: Caller, tmp_path: Path) -> None:
    oms.place()
    target = tmp_path / "preview.pdf"
    said = oms("invoice", "preview", "A-1001", "-o", target)
    assert said.out == f"{target}: 168.80 EUR would be billed now\n"
    text = text_of(target.read_bytes())
    assert "Rechnung PREVIEW" in text
    assert "168,80" in text
    assert text.count("PREVIEW") > 3  # title, foot, reference, and across the page


def test_a_preview_draws_no_number_and_stores_nothing(oms: Caller, tmp_path: Path) -> None:
    oms.place()
    before = stored(oms)
    for _ in range(2):
        assert oms("invoice", "preview", "A-1001", "-o", tmp_path / "preview.pdf").code == 0
    assert stored(oms) == before
    assert oms("invoice", "list", "--json").data == []
    oms("order", "trigger", "A-1001", "pay", "--with", PAY)
    oms("work", "--once")
    assert [line["number"] for line in oms("invoice", "list", "--json").data] == [NUMBER]


def test_a_preview_goes_to_stdout_and_tells_programs_what_it_sums_to(oms: Caller, tmp_path: Path) -> None:
    oms.place()
    assert oms("invoice", "preview", "A-1001", "-o", "-").bytes.startswith(b"%PDF-")
    target = tmp_path / "preview.pdf"
    data = oms("invoice", "preview", "A-1001", "-o", target, "--json").data
    assert data == {"order": "A-1001", "path": str(target), "size": target.stat().st_size, "gross": "168.80", "currency": "EUR"}


def test_where_nothing_is_open_a_sentence_says_so(billed: Caller, tmp_path: Path) -> None:
    said = billed("invoice", "preview", "A-1001", "-o", tmp_path / "preview.pdf")
    assert said.code == 1
    assert said.err.strip().endswith(f"Nothing of the order A-1001 is left to be billed: all of it stands on an invoice ({NUMBER}).")
    assert not (tmp_path / "preview.pdf").exists()


def test_an_order_that_is_not_there_is_said(oms: Caller) -> None:
    said = oms("invoice", "preview", "A-9999")
    assert said.code == 1
    assert "A-9999" in said.err


NOTES = """
colour = "#7a4a21"

[[main.notes]]
text = "Die Ware bleibt unser Eigentum."
kind = "invoice"
locale = "de"

[[main.notes]]
text = "Vielen Dank für die Rücksendung."
kind = "credit_note"
"""


def test_notes_are_those_of_the_document_and_stay_with_it(oms: Caller) -> None:
    settings = oms.folder / "config" / "seller.toml"
    before = settings.read_text()
    settings.write_text(before + NOTES)
    oms.bill()
    assert oms("invoice", "credit", NUMBER, "--line", "1=1", "--reason", "Bruch").code == 0
    settings.write_text(before)
    invoice, credit = (oms("invoice", "show", number, "--json").data["snapshot"] for number in (NUMBER, "RK-2026-00001"))
    assert (invoice["notes"], credit["notes"]) == (["Die Ware bleibt unser Eigentum."], ["Vielen Dank für die Rücksendung."])
    assert invoice["seller"]["colour"] == "#7a4a21"
    text = text_of(oms("invoice", "pdf", "RK-2026-00001", "-o", "-").bytes)
    assert "Rechnungskorrektur RK-2026-00001" in text
    assert "Vielen Dank für die Rücksendung." in text
    assert "Grund: Bruch" in text

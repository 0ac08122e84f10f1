"""A stored file that was changed, or that a row names in another's place, is handed out to nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.acceptance.cli.calling import NUMBER, Caller
from tests.acceptance.cli.test_proving import change, spoil

DAMAGED = re.compile(r"oms: \S+\.pdf \(in .*\) is not what was stored: its SHA-256 differs\. Restore it from a backup\.\n")
SWAPPED = re.compile(r"oms: \S+\.\w+ is another file than the one that was stored here: its SHA-256 differs\. Restore the database from a backup\.\n")


def _swap(caller: Caller) -> None:
    """Let the PDF's row name the XML's bytes, which are whole."""
    ((key,),) = change(caller, "SELECT key FROM invoice_file WHERE kind = 'cii'")
    change(caller, f"UPDATE invoice_file SET key = '{key}' WHERE kind = 'pdf'")  # noqa: S608 - a key of the archive's making


def _mails(caller: Caller) -> list[Path]:
    return sorted((caller.folder / "data" / "mail").glob("*.eml"))


def test_a_damaged_pdf_is_not_written(billed: Caller, tmp_path: Path) -> None:
    spoil(billed, 1)
    target = tmp_path / "invoice.pdf"
    for where in (target, "-"):
        said = billed("invoice", "pdf", NUMBER, "-o", where)
        assert (said.code, said.out) == (1, "")
        assert DAMAGED.fullmatch(said.err)
    assert not target.exists()


def test_a_pdf_in_whose_place_another_file_is_named_is_not_written(billed: Caller, tmp_path: Path) -> None:
    _swap(billed)
    said = billed("invoice", "pdf", NUMBER, "-o", tmp_path / "invoice.pdf")
    assert said.code == 1
    assert SWAPPED.fullmatch(said.err)
    assert not (tmp_path / "invoice.pdf").exists()


def test_an_xml_in_whose_place_another_file_is_named_is_not_written(billed: Caller, tmp_path: Path) -> None:
    ((key,),) = change(billed, "SELECT key FROM invoice_file WHERE kind = 'pdf'")
    change(billed, f"UPDATE invoice_file SET key = '{key}' WHERE kind = 'cii'")  # noqa: S608 - a key of the archive's making
    said = billed("invoice", "xml", NUMBER, "-o", tmp_path / "invoice.xml")
    assert said.code == 1
    assert SWAPPED.fullmatch(said.err)
    assert not (tmp_path / "invoice.xml").exists()


@pytest.mark.parametrize(("harm", "sentence"), [(lambda caller: spoil(caller, 1), "is not what was stored"), (_swap, "is another file")])
def test_no_mail_carries_a_damaged_pdf(billed: Caller, harm: object, sentence: str) -> None:
    assert callable(harm)
    harm(billed)
    before = _mails(billed)
    said = billed("invoice", "send", NUMBER, "--force")
    assert said.code == 1
    assert sentence in " ".join((said.out + said.err).split())
    assert _mails(billed) == before

"""`oms invoice verify --render`: each PDF is made again with what the archive keeps of then, and compared byte by byte."""

# ruff: noqa: S608 - the statements are words of these tests

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oms.bootstrap import open_shop
from tests.acceptance.cli.calling import NUMBER, Caller
from tests.acceptance.cli.test_proving import change

WELL = "1 document in 1 series, 1 PDF: all are as they were issued.\n"


def made_with(caller: Caller) -> str:
    ((key,),) = change(caller, "SELECT DISTINCT made_with FROM invoice_file")
    return str(key)


def keep(caller: Caller, bundle: bytes) -> None:
    """Let the documents say that they were made with another bundle."""
    with open_shop(caller.folder) as shop:
        key = shop.archive.put(bundle, suffix=".zip").key
    change(caller, f"UPDATE invoice_file SET made_with = '{key}'")


def another_bundle(caller: Caller, *, weasyprint: str | None = None, text: bytes = b"") -> bytes:
    """The bundle of then as another version of a program, or with more in its template."""
    with open_shop(caller.folder) as shop:
        kept = shop.archive.get(made_with(caller))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(kept)) as before, zipfile.ZipFile(out, "w") as after:
        about = json.loads(before.read("made_with.json"))
        about["programs"] |= {"weasyprint": weasyprint} if weasyprint else {}
        for name in about["files"]:
            data = before.read(name)
            if name.endswith("invoices/invoice.html"):
                data = data.replace(b"</body>", text + b"</body>")
            about["files"][name] = hashlib.sha256(data).hexdigest()
            after.writestr(name, data)
        after.writestr("made_with.json", json.dumps(about))
    return out.getvalue()


def test_a_pdf_is_proven_after_its_template_was_changed(billed: Caller) -> None:
    own = billed.folder / "templates" / "invoices" / "words.de.toml"
    own.parent.mkdir(parents=True)
    own.write_text('settled = "Anders als damals."\n', "utf-8")
    said = billed("invoice", "verify", "--render")
    assert (said.code, said.out) == (0, f"{WELL}1 PDF made again: the same bytes.\n")


def test_a_credit_note_is_proven_as_an_invoice_is_and_both_share_what_they_were_made_with(billed: Caller) -> None:
    assert billed("invoice", "credit", NUMBER, "--line", "1=1", "--reason", "came back").code == 0
    assert billed("work", "--once").code == 0
    assert billed("invoice", "verify", "--render", "--json").data["proven"] == 2
    assert made_with(billed)


def test_another_template_than_that_of_then_is_found(billed: Caller) -> None:
    keep(billed, another_bundle(billed, text=b"<p>x</p>"))
    ((number, what),) = [(each["number"], each["what"]) for each in billed("invoice", "verify", "--render", "--json").data["faults"]]
    assert number == f"RE-{datetime.now(UTC).year}-00001"
    assert what.startswith("Its PDF is not what its snapshot gives: made again with the same templates and programs, it is another one")


def test_another_program_that_prints_the_same_proves_it_too(billed: Caller) -> None:
    keep(billed, another_bundle(billed, weasyprint="1.0"))
    assert billed("invoice", "verify", "--render").out == f"{WELL}1 PDF made again: the same bytes.\n"


def test_another_program_that_prints_otherwise_is_told_and_is_no_fault(billed: Caller) -> None:
    keep(billed, another_bundle(billed, weasyprint="1.0", text=b"<p>x</p>"))
    said = billed("invoice", "verify", "--render", "--json")
    assert (said.code, said.data["faults"], said.data["proven"]) == (0, [], 0)
    ((why, count),) = said.data["unproven"].items()
    assert why.startswith("other programs print now: weasyprint 1.0, now ")
    assert count == 1


@pytest.mark.parametrize(
    ("statement", "unproven", "fault"),
    [
        ("UPDATE invoice_file SET made_with = NULL", {"what they were made with was not kept then": 1}, ""),
        ("UPDATE invoice_file SET made_with = '00/' || substr(made_with, 4)", {}, "What its PDF was made with: The archive has no file "),
    ],
)
def test_what_it_was_made_with_may_be_missing(billed: Caller, statement: str, unproven: dict[str, int], fault: str) -> None:
    change(billed, statement)
    data = billed("invoice", "verify", "--render", "--json").data
    assert data["unproven"] == unproven
    assert [each["what"].startswith(fault) for each in data["faults"]] == ([True] if fault else [])


def test_two_papers_are_kept_with_one_bundle(billed: Caller, tmp_path: Path) -> None:
    billed.place("A-1002", payment={"method": "invoice"})
    assert billed("work", "--once").code == 0
    assert made_with(billed).endswith(".zip")
    said = billed("backup", tmp_path / "backup", "--json").data
    assert said["damaged"] == []

"""What an accountant asks: is anything missing, and is everything still as it was issued? Somebody has gone past the guards of the database."""

# ruff: noqa: S608 - the statements are words of these tests

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.acceptance.cli.calling import Caller
from tests.acceptance.cli.conftest import Copy

ON_PLACING = {"payment": {"method": "invoice"}}


@pytest.fixture(scope="session")
def book(billed_shop: Path, copied: Copy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three invoices with their PDFs."""
    caller = Caller(copied(billed_shop, tmp_path_factory.mktemp("book") / "shop"))
    for reference in ("A-1002", "A-1003"):
        caller.place(reference, **ON_PLACING)
    assert caller("work", "--once").code == 0
    return caller.folder


@pytest.fixture
def three(book: Path, copied: Copy, tmp_path: Path) -> Caller:
    return Caller(copied(book, tmp_path / "shop"))


def change(caller: Caller, *statements: str) -> list[tuple[object, ...]]:
    """Past the guards. Returns what the last statement found."""
    if caller.database.startswith("postgresql"):
        with psycopg.connect(caller.database, options="-c search_path=oms -c session_replication_role=replica") as server:
            cursors = [server.execute(statement.encode()) for statement in statements]
            return cursors[-1].fetchall() if cursors[-1].description else []
    with closing(sqlite3.connect(caller.folder / "data" / "oms.db")) as file, file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f'DROP TRIGGER "{name}"')
        return [file.execute(statement).fetchall() for statement in statements][-1]


def faults(caller: Caller, command: str = "verify") -> list[tuple[str | None, str]]:
    said = caller("invoice", command, "--json")
    assert said.code == 1, said.err
    return [(fault["number"], fault["what"]) for fault in said.data["faults"]]


def spoil(caller: Caller, number: int) -> None:
    """One byte of a PDF in the archive."""
    ((key,),) = change(caller, f"SELECT f.key FROM invoice_file f JOIN invoice i ON i.id = f.invoice WHERE i.seq = {number} AND f.kind = 'pdf'")
    if caller.database.startswith("postgresql"):
        change(caller, f"UPDATE archive_file SET data = set_byte(data, 100, 255 - get_byte(data, 100)) WHERE key = '{key}'")
        return
    (path,) = caller.folder.rglob(Path(str(key)).name)
    data = bytearray(path.read_bytes())
    data[100] ^= 0xFF
    path.chmod(0o644)
    path.write_bytes(data)


def test_what_is_in_order_is_said_to_be(three: Caller) -> None:
    verified, counted = three("invoice", "verify"), three("invoice", "gaps")
    assert (verified.code, verified.out) == (0, "3 documents in 1 series, 3 PDFs: all are as they were issued.\n")
    assert (counted.code, counted.out) == (0, "3 documents in 1 series: no number is missing.\n")
    assert three("invoice", "verify", "--json").data == {"series": 1, "papers": 3, "files": 3, "faults": [], "proven": 0, "unproven": {}}


def test_a_shop_without_invoices_has_nothing_wrong(oms: Caller) -> None:
    assert oms("invoice", "verify").out == "0 documents in 0 series, 0 PDFs: all are as they were issued.\n"


@pytest.mark.parametrize(
    ("seq", "number", "what"),
    [
        (1, "RE-2026-00002", "The papers before it are missing: it names the hash of one that is not there."),
        (2, None, "Number 2 is missing."),
        (3, None, "Number 3 is missing."),
    ],
    ids=["first", "middle", "last"],
)
def test_a_row_that_was_deleted_is_missed(three: Caller, seq: int, number: str | None, what: str) -> None:
    change(three, f"DELETE FROM invoice WHERE seq = {seq}")
    assert faults(three) == [(number, what)]
    if number is None:
        assert faults(three, "gaps") == [(number, what)]


def test_a_series_whose_papers_are_all_gone_is_missed(three: Caller) -> None:
    change(three, "DELETE FROM invoice")
    assert faults(three) == faults(three, "gaps") == [(None, "All its papers are missing. The last number was 3.")]


def test_a_series_that_nobody_counts_any_more_is_looked_at_and_told(three: Caller) -> None:
    change(three, "DELETE FROM number_series", "UPDATE invoice SET gross_minor = 1 WHERE seq = 2")
    assert faults(three) == [
        ("RE-2026-00002", "The books have gross_minor 1, the paper has 16880."),
        (None, "How far its numbers are is not kept any more: some may be missing at the end."),
    ]


def test_what_lists_say_of_a_payment_state_is_held_against_papers_and_payments(three: Caller) -> None:
    change(three, "UPDATE invoice_standing SET state = 'owing', open_minor = 100 WHERE invoice = (SELECT id FROM invoice WHERE seq = 2)")
    assert faults(three) == [
        ("RE-2026-00002", "Lists show another payment state than its papers and payments say. `oms db upgrade` writes it down anew.")
    ]
    assert three("db", "upgrade").code == 0
    assert three("invoice", "verify").code == 0


def test_what_was_changed_on_the_paper_is_found(three: Caller) -> None:
    change(three, "UPDATE invoice SET snapshot = replace(snapshot, 'Jana', 'Hana') WHERE seq = 2")
    assert faults(three) == [("RE-2026-00002", "What stands on it was changed: its SHA-256 differs.")]


def test_whoever_writes_the_hash_anew_too_is_given_away_by_the_next_one(three: Caller) -> None:
    ((snapshot, previous),) = change(three, "SELECT snapshot, previous_sha256 FROM invoice WHERE seq = 2")
    sha256 = hashlib.sha256(f"{previous}\n{str(snapshot).replace('Jana', 'Hana')}".encode()).hexdigest()
    change(three, f"UPDATE invoice SET snapshot = replace(snapshot, 'Jana', 'Hana'), sha256 = '{sha256}' WHERE seq = 2")
    assert faults(three) == [
        ("RE-2026-00002", "Its PDF is of another document: it does not name the one that was issued."),
        ("RE-2026-00003", "It does not follow RE-2026-00002: the hash that it names is another one."),
    ]


def test_the_newest_paper_is_given_away_by_its_pdf_though_nothing_follows_it(three: Caller) -> None:
    ((snapshot, previous),) = change(three, "SELECT snapshot, previous_sha256 FROM invoice WHERE seq = 3")
    sha256 = hashlib.sha256(f"{previous}\n{str(snapshot).replace('Jana', 'Hana')}".encode()).hexdigest()
    change(three, f"UPDATE invoice SET snapshot = replace(snapshot, 'Jana', 'Hana'), sha256 = '{sha256}' WHERE seq = 3")
    assert faults(three) == [("RE-2026-00003", "Its PDF is of another document: it does not name the one that was issued.")]


@pytest.mark.parametrize(
    ("change_to", "what"),
    [
        ("gross_minor = 1", "The books have gross_minor 1, the paper has 16880."),
        ("rounding_minor = 1", "The books have rounding_minor 1, the paper has 0."),
        ("kind = 'credit_note'", "The books have kind credit_note, the paper has invoice."),
        ("store = 'other'", "The books have store other, the paper has main."),
        ("parent = '1'", "By the books it corrects RE-2026-00001, by the paper nothing."),
        ("currency = 'USD'", "The books have currency USD, the paper has EUR."),
        ("number = 'RE-1'", "The books have number RE-1, the paper has RE-2026-00002."),
    ],
)
def test_books_that_differ_from_the_paper_are_found(three: Caller, change_to: str, what: str) -> None:
    change(three, f"UPDATE invoice SET {change_to} WHERE seq = 2")
    assert [fault for _, fault in faults(three)] == [what]


def test_a_day_until_which_nobody_was_to_pay_is_found(three: Caller) -> None:
    change(three, "UPDATE invoice SET due_on = '2020-01-01' WHERE seq = 2")
    ((number, what),) = faults(three)
    assert number == "RE-2026-00002"
    assert what.startswith("The books have due_on 2020-01-01, the paper has ")


def test_a_ledger_that_differs_from_the_paper_is_found(three: Caller) -> None:
    change(three, "UPDATE invoice_line SET quantity = 99 WHERE line = 1 AND invoice = (SELECT id FROM invoice WHERE seq = 2)")
    ((number, what),) = faults(three)
    assert number == "RE-2026-00002"
    assert re.fullmatch(r"Of line 1 the ledger has 99 units on it, the paper has \d\.", what)


def test_an_entry_of_the_ledger_that_is_gone_is_found(three: Caller) -> None:
    change(three, "DELETE FROM invoice_line WHERE line = 1 AND invoice = (SELECT id FROM invoice WHERE seq = 2)")
    ((number, what),) = faults(three)
    assert number == "RE-2026-00002"
    assert re.fullmatch(r"Of line 1 the ledger has 0 units on it, the paper has \d\.", what)


def test_a_paper_that_is_dated_before_the_one_before_it_is_found(three: Caller) -> None:
    change(three, "UPDATE invoice SET issued_on = '2020-01-01' WHERE seq = 3")
    dated, differs = [what for _, what in faults(three)]
    assert re.fullmatch(r"It is dated 2020-01-01, before RE-2026-00002 of \S+\.", dated)
    assert differs.startswith("The books have issued_on 2020-01-01, the paper has ")


def test_a_byte_of_a_pdf_that_changed_is_found(three: Caller) -> None:
    spoil(three, 2)
    ((number, what),) = faults(three)
    assert number == "RE-2026-00002"
    assert re.fullmatch(r"Its PDF: \S+\.pdf \(in .*\) is not what was stored: its SHA-256 differs\. Restore it from a backup\.", what)
    assert faults(three) == [(number, what)]
    assert three("invoice", "gaps").code == 0, "numbers alone"


def test_two_pdfs_that_were_swapped_are_found(three: Caller) -> None:
    ((one, first), (two, second)) = change(three, "SELECT invoice, key FROM invoice_file WHERE kind = 'pdf' ORDER BY invoice LIMIT 2")
    change(
        three,
        f"UPDATE invoice_file SET key = '{second}' WHERE invoice = {one} AND kind = 'pdf'",
        f"UPDATE invoice_file SET key = '{first}' WHERE invoice = {two} AND kind = 'pdf'",
    )
    what = "Its PDF is another file than the one that was stored: its SHA-256 differs."
    assert faults(three) == [("RE-2026-00001", what), ("RE-2026-00002", what)]


@pytest.mark.parametrize(("of", "name"), [("pdf", "PDF"), ("cii", "XML")])
def test_files_that_were_swapped_together_with_their_hashes_are_found(three: Caller, of: str, name: str) -> None:
    query = f"SELECT invoice, key, sha256, size FROM invoice_file WHERE kind = '{of}' ORDER BY invoice LIMIT 2"
    (one, *first), (two, *second) = change(three, query)
    for invoice, (key, sha256, size) in ((one, second), (two, first)):
        change(three, f"UPDATE invoice_file SET key = '{key}', sha256 = '{sha256}', size = {size} WHERE invoice = {invoice} AND kind = '{of}'")
    what = f"Its {name} is of another document: it does not name the one that was issued."
    assert faults(three) == [("RE-2026-00001", what), ("RE-2026-00002", what)]


def test_a_pdf_that_nobody_stored_is_counted(three: Caller) -> None:
    change(three, "DELETE FROM invoice_file WHERE kind = 'pdf' AND invoice = (SELECT id FROM invoice WHERE seq = 2)")
    said = three("invoice", "verify")
    assert (said.code, said.out.splitlines()) == (
        0,
        [
            "3 documents in 1 series, 2 PDFs: all are as they were issued.",
            "1 PDF not made yet: oms work --once makes what is ordered.",
        ],
    )


def test_it_is_told_to_people_within_eighty_columns(three: Caller) -> None:
    change(three, "DELETE FROM invoice WHERE seq = 2", "UPDATE invoice SET gross_minor = 1 WHERE seq = 3")
    said = three("invoice", "verify")
    assert said.code == 1
    assert max(map(len, said.out.splitlines())) <= 80
    assert "Number 2 is missing." in said.out

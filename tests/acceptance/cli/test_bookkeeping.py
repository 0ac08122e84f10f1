"""What was issued in a period, as a ZIP, as CSV, for DATEV; on both databases."""

from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from oms.bookkeeping.handover import hand_over
from oms.bookkeeping.period import Period, entries
from oms.bootstrap import open_shop
from tests.acceptance.cli.calling import Caller
from tests.acceptance.cli.test_proving import change, spoil

YEAR = datetime.now(UTC).year
NUMBER = f"RE-{YEAR}-00001"
PERIOD = ("--from", f"{YEAR}-01-01", "--to", f"{YEAR}-12-31")
DATEV = "\n[datev]\nconsultant = 1001\nclient = 7\n"


@pytest.fixture
def credited(billed: Caller) -> Caller:
    """An invoice of 168.80, and a credit note of 39.90 whose PDF is made."""
    assert billed("invoice", "credit", NUMBER, "--line", "1=1", "--reason", "came back").code == 0
    assert billed("work", "--once").code == 0
    return billed


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_zip_holds_every_file_as_it_was_stored_and_names_each(credited: Caller, tmp_path: Path) -> None:
    target = tmp_path / "year.zip"
    said = credited("invoice", "export", *PERIOD, "-o", str(target))
    assert (said.code, said.out) == (0, f"{target}: 2 documents, 4 files\n")
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        index = _rows(archive.read("index.csv").decode())
        for row in index:
            for kind in ("pdf", "xml"):
                assert hashlib.sha256(archive.read(row[kind])).hexdigest() == row[f"{kind}_sha256"]
        assert archive.read(f"main/invoice/{NUMBER}.pdf") == credited("invoice", "pdf", NUMBER, "-o", "-").bytes
    assert [(row["number"], row["kind"], row["gross"], row["corrects"]) for row in index] == [
        (NUMBER, "invoice", "168.80", ""),
        (f"RK-{YEAR}-00001", "credit_note", "-39.90", NUMBER),
    ]


def test_the_same_documents_make_the_same_zip(credited: Caller, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        credited("invoice", "export", *PERIOD, "-o", str(tmp_path / name))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_what_has_no_pdf_yet_is_named(billed: Caller, tmp_path: Path) -> None:
    billed("invoice", "credit", NUMBER, "--line", "1=1", "--reason", "came back")
    said = billed("invoice", "export", *PERIOD, "-o", str(tmp_path / "year.zip"))
    assert said.code == 1
    assert f"RK-{YEAR}-00001 has no PDF yet: oms work --once makes it.\n" in said.out


def test_a_damaged_file_leaves_no_half_a_zip(billed: Caller, tmp_path: Path) -> None:
    spoil(billed, 1)
    said = billed("invoice", "export", *PERIOD, "-o", str(tmp_path / "year.zip"))
    assert said.code != 0
    assert said.err.startswith(f"oms: {NUMBER}: ")
    assert "SHA-256" in said.err
    assert list(tmp_path.glob("*year*")) == []


def test_a_file_that_was_swapped_goes_into_no_zip(credited: Caller, tmp_path: Path) -> None:
    ((one, first), (two, second)) = change(credited, "SELECT invoice, key FROM invoice_file WHERE kind = 'pdf' ORDER BY invoice LIMIT 2")
    change(
        credited,
        f"UPDATE invoice_file SET key = '{second}' WHERE invoice = {one} AND kind = 'pdf'",  # noqa: S608 - words of this test
        f"UPDATE invoice_file SET key = '{first}' WHERE invoice = {two} AND kind = 'pdf'",  # noqa: S608
    )
    said = credited("invoice", "export", *PERIOD, "-o", str(tmp_path / "year.zip"))
    assert (said.code, "is another file than the one that was stored here" in said.err) == (1, True)
    assert list(tmp_path.glob("*year*")) == []


def test_books_that_were_changed_behind_the_documents_are_not_booked(credited: Caller, tmp_path: Path) -> None:
    _say(credited, DATEV)
    change(credited, "UPDATE invoice SET gross_minor = 1 WHERE kind = 'invoice'")
    said = credited("invoice", "datev", *PERIOD, "-o", str(tmp_path / "EXTF.csv"))
    assert said.err == f"oms: The books have 0.01 for {NUMBER}, its tax rates sum to 168.80: nothing is written. See: oms invoice verify\n"
    assert list(tmp_path.glob("*EXTF*")) == []


def test_any_number_of_documents_takes_the_memory_of_a_few(billed: Caller, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        (one,) = entries(shop.store, period)
        many = (replace(one, said=replace(one.said, number=f"RE-{number}")) for number in range(count))
        tracemalloc.start()
        with (tmp_path / "many.zip").open("w+b") as file:
            assert hand_over(shop.store, shop.archive, many, period=period, file=file).documents == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    period = Period(date(YEAR, 1, 1), date(YEAR, 12, 31))
    with open_shop(billed.folder) as shop:
        peak(5)
        few, more = peak(50), min(peak(500) for _ in range(3))  # a thread of an earlier test may take some meanwhile
    assert more < few + 450 * 2_000, "a line of the table of contents for each file"


def test_csv_has_a_row_per_tax_rate_and_credit_notes_with_minus(credited: Caller) -> None:
    rows = _rows(credited("invoice", "csv", *PERIOD).out)
    assert [(row["number"], row["tax_rate"], row["net"], row["tax"], row["gross"]) for row in rows] == [
        (NUMBER, "19", "141.85", "26.95", "168.80"),
        (f"RK-{YEAR}-00001", "19", "-33.53", "-6.37", "-39.90"),
    ]


def test_a_name_that_a_spreadsheet_would_run_is_harmless(oms: Caller) -> None:
    oms.place("A-1001", payment={"method": "invoice"}, billing_address={**_address(), "name": "=1+1"})
    assert _rows(oms("invoice", "csv", *PERIOD).out)[0]["customer"] == "'=1+1"


def _address() -> dict[str, str]:
    return {"name": "Jana Novak", "street": "Marktplatz 2", "postcode": "80331", "city": "München", "country": "DE"}


def test_bookings_for_datev_sum_to_the_documents(credited: Caller, tmp_path: Path) -> None:
    _say(credited, DATEV)
    target = tmp_path / "EXTF.csv"
    said = credited("invoice", "datev", *PERIOD, "-o", str(target))
    assert (said.code, said.out) == (0, f"{target}: 128.90 EUR booked of 2 documents, 2 bookings.\n")
    head, names, *bookings = target.read_bytes().decode("cp1252").split("\r\n")[:-1]
    assert head.split(";")[:5] == ['"EXTF"', "700", "21", '"Buchungsstapel"', "13"]
    assert len(names.split(";")) == 125
    assert [line.split(";")[:2] + line.split(";")[6:8] for line in bookings] == [
        ["168,80", '"S"', "10000", "8400"],
        ["39,90", '"H"', "10000", "8400"],
    ]


def test_a_second_file_of_an_earlier_run_is_not_left_beside_bookings_that_need_one(credited: Caller, tmp_path: Path) -> None:
    _say(credited, DATEV)
    target, second, third, other = (tmp_path / name for name in ("EXTF.csv", "EXTF-2.csv", "EXTF-3.csv", "EXTF-5.csv"))
    for each in (second, third, other):
        each.write_text("of an earlier run")
    said = credited("invoice", "datev", *PERIOD, "-o", str(target))
    assert said.code == 1
    assert [line.partition(" ")[0] for line in said.out.splitlines()[1:]] == [str(second), str(third)]
    assert "no part of this one" in said.out
    assert credited("invoice", "datev", *PERIOD, "-o", str(target), "--json").data["left"] == [str(second), str(third)]
    assert second.read_text() == "of an earlier run"
    second.unlink()
    assert credited("invoice", "datev", *PERIOD, "-o", str(target)).code == 0


@pytest.mark.parametrize(
    ("settings", "words", "said"),
    [
        ("", PERIOD, "[datev]: is missing: DATEV wants at least consultant and client"),
        (f"{DATEV}chart = '05'\n", PERIOD, "datev.chart"),
        (f"{DATEV}revenue = {{'S 19' = '84'}}\n", PERIOD, "is no account: write its four to nine digits in quotes"),
        (f"{DATEV}year_begins = '13-01'\n", PERIOD, "is no day of a year"),
        (f"{DATEV}year_begins = '02-29'\n", PERIOD, "is no day of a year"),
        (f"{DATEV}debtors = '1000'\n", PERIOD, "it has one digit more than other accounts, 5"),
        (f"{DATEV}revenue = {{'S19' = '8400'}}\n", PERIOD, "is no kind of tax: write category and rate"),
        (f"{DATEV}tax_keys = {{'S 19' = 'x'}}\n", PERIOD, "is no BU-Schlüssel"),
        (DATEV, ("--from", f"{YEAR}-12-31", "--to", f"{YEAR}-01-01"), "the first day comes first"),
        (DATEV, ("--from", f"{YEAR - 1}-12-31", "--to", f"{YEAR}-12-31"), "lie in two fiscal years"),
        (DATEV, (*PERIOD, "--store", "attic"), "attic"),
    ],
)
def test_what_is_wrong_is_said_and_no_file_is_there(billed: Caller, tmp_path: Path, settings: str, words: tuple[str, ...], said: str) -> None:
    _say(billed, settings)
    answer = billed("invoice", "datev", *words, "-o", str(tmp_path / "EXTF.csv"))
    assert answer.code != 0
    assert said in " ".join(answer.err.replace("│", " ").split())
    assert list(tmp_path.glob("*EXTF*")) == []


def test_a_folder_that_is_not_there_is_said(billed: Caller, tmp_path: Path) -> None:
    answer = billed("invoice", "export", *PERIOD, "-o", str(tmp_path / "nowhere" / "year.zip"))
    assert answer.code == 2
    assert "can't be written" in " ".join(answer.err.replace("│", " ").split())


def _say(caller: Caller, text: str) -> None:
    with (caller.folder / "config" / "oms.toml").open("a", encoding="utf-8") as file:
        file.write(text)

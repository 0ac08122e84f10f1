"""Bookings for DATEV: field by field, character by character, and to the cent."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms.bookkeeping.accounts import Chart
from oms.bookkeeping.client import Client
from oms.bookkeeping.datev import Batch, write_batch
from oms.bookkeeping.extf import COLUMNS, MOST_BOOKINGS, legible
from oms.bookkeeping.period import Entry, Period
from oms.cli.bookkeeping import part_of
from oms.cli.files import written
from oms.errors import Conflict
from oms.invoicing import Wanted
from oms.orders import parse_order
from tests.unit.bookkeeping.papers import credited, entry
from tests.unit.invoicing.papers import ADDRESS, SELLER, billed, defaults, item, placed
from tests.unit.invoicing.random_orders import documents

GOLDEN = Path(__file__).parents[2] / "data" / "datev" / "EXTF_Buchungsstapel.csv"
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
AT = datetime(2026, 12, 1, 8, 30, 15, 123_000, tzinfo=UTC)
FRANCE = ADDRESS | {"name": "Café Ł'Œuf “Šárka”", "city": "Lyon", "postcode": "69001", "country": "FR"}
ANY = {f"S {rate}": "8400" for rate in ("19", "7", "5.5", "25", "100")}


def a_client(*, begins: tuple[int, int] = (1, 1), supply_dates: bool = False, **chart: Any) -> Client:
    return Client(consultant=29098, client=55003, fiscal_year_start=begins, chart=Chart(**chart), supply_dates=supply_dates)


def write(
    target: Path, *papers: Entry, client: Client | None = None, period: Period = NOVEMBER, currency: str = "EUR", most: int = MOST_BOOKINGS
) -> Batch:
    with ExitStack() as files:

        def file(number: int) -> IO[bytes]:
            return files.enter_context(written(part_of(target, number)))

        return write_batch(papers, client=client or a_client(), period=period, at=AT, currency=currency, file=file, most=most)


def bookings(target: Path) -> list[dict[str, str]]:
    """Each line below the two headings; no text of these tests holds a semicolon or a quotation mark that is not its end."""
    lines = target.read_bytes().decode("cp1252").split("\r\n")[2:-1]
    return [dict(zip(COLUMNS, (cell.strip('"') for cell in line.split(";")), strict=True)) for line in lines]


def samples() -> Iterator[Entry]:
    """One of each kind."""
    mixed = placed(item(2, "50.00"), item(4, "5.00", "7"), shipping={"price": "5.90", "tax": "by_value"}, reference="A-1001")
    invoice = billed(mixed)
    yield entry(invoice)
    yield entry(credited(mixed, invoice, Wanted(units={2: 1}, shipping="none")))
    vat = {"customer": {"name": "Jana", "vat_id": "FR83404833048"}, "billing_address": FRANCE, "prices": "net"}
    yield entry(billed(placed(item(10, "12.50", "0", tax_category="K"), reference="A-1002", **vat)), number="RE-2026-00002")
    dollars = {"currency": "USD", "exchange_rate": "1.0832", "prices": "net"}
    yield entry(billed(placed(item(2, "33.33"), reference="A-1003", **dollars)), number="RE-2026-00003")
    pounds = {"currency": "GBP", "exchange_rate": "0.8561", "prices": "net"}
    yield entry(billed(placed(item(2, "33.33"), reference="A-1004", **pounds)), number="RE-2026-00004")
    yield entry(billed(placed(item(1, "9.99"), reference="A-1005"), payable_rounding=True), number="RE-2026-00005")
    small = SELLER | {"small_business": True}
    exempt = {"exemption": {"text": "§ 19 UStG"}, "billing_address": ADDRESS | {"name": "=HYPERLINK(1) 你好"}}
    yield entry(billed(placed(item(2, "25.00", "0", tax_category="E"), reference="A-1006", **exempt), seller=small), number="RE-2026-00006")
    back = placed(item(-1, "76.00", return_of="A-0"), item(1, "10.00", "7"), reference="A-1007")
    yield entry(billed(back), number="RE-2026-00007")


def test_the_file_is_the_one_that_was_checked_by_hand(tmp_path: Path) -> None:
    target = tmp_path / "EXTF_Buchungsstapel.csv"
    batch = write(target, *samples())
    assert target.read_bytes() == GOLDEN.read_bytes()
    assert (batch.papers, batch.bookings) == (8, 11)


EXPRESSIONS: Mapping[str, str] = {
    "Umsatz (ohne Soll/Haben-Kz)": r"(?!0{1,10},00)\d{1,10},\d{2}",
    "Soll/Haben-Kennzeichen": r'"[SH]"',
    "WKZ Umsatz": r'"[A-Z]{3}"',
    "Kurs": r"([1-9]\d{0,3},\d{2,6})?",
    "Basis-Umsatz": r"((?!0{1,10},00)\d{1,10},\d{2})?",
    "WKZ Basis-Umsatz": r'"([A-Z]{3})?"',
    "Konto": r"(?!0{1,9}$)\d{1,9}",
    "Gegenkonto (ohne BU-Schlüssel)": r"(?!0{1,9}$)\d{1,9}",
    "BU-Schlüssel": r'"\d{0,4}"',
    "Belegdatum": r"\d{4}",
    "Belegfeld 1": r'"[A-Za-z0-9_$%\-/]{0,36}"',
    "Buchungstext": r'".{0,60}"',
    "EU-Land u. UStID (Bestimmung)": r'".{0,15}"',
    "EU-Steuersatz (Bestimmung)": r"(\d{2},\d{2})?",
    "Festschreibung": "[01]",
    "Fälligkeit": r"((0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])20\d{2})?",
    **{f"Zusatzinformation - Art {place}": r'".{0,20}"' for place in range(1, 21)},
    **{f"Zusatzinformation- Inhalt {place}": r'".{0,210}"' for place in range(1, 21)},
}
"""Of the description of the format at developer.datev.de; every other column is empty."""


def test_every_field_is_as_the_format_wants_it(tmp_path: Path) -> None:
    target = tmp_path / "EXTF_x.csv"
    write(target, *samples())
    header, columns, *lines, end = target.read_bytes().decode("cp1252").split("\r\n")
    assert (header.count(";"), columns.split(";"), end) == (30, list(COLUMNS), "")
    assert len(COLUMNS) == len(set(COLUMNS)) == 125
    for line in lines:
        for column, cell in zip(COLUMNS, line.split(";"), strict=True):
            assert re.fullmatch(EXPRESSIONS.get(column, '("")?'), cell), (column, cell)


def test_a_credit_note_is_turned_and_names_its_invoice(tmp_path: Path) -> None:
    write(tmp_path / "EXTF_x.csv", *samples())
    (line,) = [line for line in bookings(tmp_path / "EXTF_x.csv") if line["Belegfeld 1"] == "RK-2026-00001"]
    assert (line["Umsatz (ohne Soll/Haben-Kz)"], line["Soll/Haben-Kennzeichen"], line["Gegenkonto (ohne BU-Schlüssel)"]) == ("5,00", "H", "8300")
    assert (line["Zusatzinformation - Art 2"], line["Zusatzinformation- Inhalt 2"]) == ("Korrigiert", "RE-2026-00001")
    assert line["Fälligkeit"] == ""


def test_foreign_money_is_booked_with_rate_and_base_or_in_the_books_currency_alone(tmp_path: Path) -> None:
    write(tmp_path / "EXTF_x.csv", *samples())
    lines = {line["Belegfeld 1"]: line for line in bookings(tmp_path / "EXTF_x.csv")}
    names = ("Umsatz (ohne Soll/Haben-Kz)", "WKZ Umsatz", "Kurs", "Basis-Umsatz", "WKZ Basis-Umsatz")
    assert [lines["RE-2026-00003"][name] for name in names] == ["79,33", "USD", "1,0832", "73,24", "EUR"]
    assert [lines["RE-2026-00004"][name] for name in names] == ["92,66", "EUR", "", "", ""]
    assert lines["RE-2026-00004"]["Zusatzinformation- Inhalt 2"] == "GBP 79,33 zu 0,8561"


def test_a_rate_of_another_country_has_an_account_of_its_own(tmp_path: Path) -> None:
    order = placed(item(1, "12.00", "20"), billing_address=FRANCE)
    with pytest.raises(Conflict, match=r'No account is known for "S 20" \(RE-2026-00001\): write it as "S 20" = "8400" to config'):
        write(tmp_path / "EXTF_x.csv", entry(billed(order)))
    assert list(tmp_path.iterdir()) == []
    write(tmp_path / "EXTF_x.csv", entry(billed(order)), client=a_client(revenue={"S 20 FR": "8320"}, tax_keys={"S 20 FR": "10"}))
    (line,) = bookings(tmp_path / "EXTF_x.csv")
    assert (line["Gegenkonto (ohne BU-Schlüssel)"], line["BU-Schlüssel"]) == ("8320", "10")
    assert (line["EU-Land u. UStID (Bestimmung)"], line["EU-Steuersatz (Bestimmung)"]) == ("FR", "20,00")


SWISS = ADDRESS | {"city": "Basel", "postcode": "4051", "country": "CH"}
BELFAST = ADDRESS | {"city": "Belfast", "postcode": "BT1 5GS", "country": "GB"}


@pytest.mark.parametrize(
    ("category", "address", "vat_id", "said"),
    [
        ("K", FRANCE, "FR83404833048", "FR83404833048"),
        ("K", FRANCE | {"country": "GR"}, "EL 123-456.789", "EL123456789"),
        ("K", BELFAST, "XI123456789", "XI123456789"),
        ("AE", FRANCE, "FR83404833048", "FR83404833048"),
        ("AE", ADDRESS, "DE123456788", ""),
        ("G", SWISS, "CHE123456788", ""),
        ("G", BELFAST, "GB123456789", ""),
        ("O", FRANCE, "FR83404833048", ""),
    ],
)
def test_the_buyers_vat_id_is_booked_where_the_union_wants_to_know_it_and_nowhere_else(
    tmp_path: Path, category: str, address: dict[str, str], vat_id: str, said: str
) -> None:
    """DATEV refuses a country outside of the Union in that column, and a VAT id on an account that takes none."""
    buyer = {"customer": {"name": "Jana", "vat_id": vat_id}, "billing_address": address, "prices": "net"}
    invoice = billed(placed(item(1, "10.00", "0", tax_category=category), **buyer))
    write(tmp_path / "EXTF_x.csv", entry(invoice), client=a_client(revenue={f"{category} 0": "8100"}))
    (line,) = bookings(tmp_path / "EXTF_x.csv")
    assert (line["EU-Land u. UStID (Bestimmung)"], line["EU-Steuersatz (Bestimmung)"]) == (said, "")


def test_a_rate_outside_of_the_union_stands_in_no_column_of_it(tmp_path: Path) -> None:
    order = placed(item(1, "12.00", "8.1"), billing_address=SWISS)
    write(tmp_path / "EXTF_x.csv", entry(billed(order)), client=a_client(revenue={"S 8.1 CH": "8338"}))
    (line,) = bookings(tmp_path / "EXTF_x.csv")
    assert (line["EU-Land u. UStID (Bestimmung)"], line["EU-Steuersatz (Bestimmung)"]) == ("", "")


def test_the_day_of_supply_and_its_tax_period_are_booked_if_the_tax_adviser_wants_them(tmp_path: Path) -> None:
    """Delivered in October, billed in November, taken back in November: the tax of the credit note belongs to its own month."""
    order = placed(item(2, "10.00"), delivery_date="2026-10-30")
    invoice = billed(order)
    papers = [entry(invoice), entry(credited(order, invoice, Wanted(units={1: 1}))), entry(billed(placed(item())), number="RE-2026-00002")]
    write(tmp_path / "EXTF_x.csv", *papers, client=a_client(supply_dates=True))
    names = ("Leistungsdatum", "Datum Zuord. Steuerperiode")
    assert [tuple(line[name] for name in names) for line in bookings(tmp_path / "EXTF_x.csv")] == [
        ("30102026", "30102026"),
        ("30102026", "24112026"),
        ("24112026", "24112026"),
    ]


def test_what_is_more_than_a_file_holds_stands_in_further_ones_and_no_paper_in_two(tmp_path: Path) -> None:
    mixed = placed(item(1, "50.00"), item(1, "5.00", "7"))
    papers = [entry(billed(mixed), number=f"RE-2026-0000{number}") for number in range(1, 6)]
    batch = write(tmp_path / "EXTF_x.csv", *papers, most=5)
    files = [tmp_path / name for name in ("EXTF_x.csv", "EXTF_x-2.csv", "EXTF_x-3.csv")]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    assert [[line["Belegfeld 1"][-1] for line in bookings(file)] for file in files] == [["1", "1", "2", "2"], ["3", "3", "4", "4"], ["5", "5"]]
    assert [file.read_text("cp1252").split(";")[16] for file in files] == [
        '"Ausgangsrechnungen"',
        '"Ausgangsrechnungen 2"',
        '"Ausgangsrechnungen 3"',
    ]
    assert (batch.files, batch.bookings, batch.home_minor) == (3, 10, sum(map(_home, (line for file in files for line in bookings(file)))))


def test_a_file_that_fails_late_leaves_none_of_those_before_it(tmp_path: Path) -> None:
    papers = [entry(billed(placed(item()))), entry(billed(placed(item(1, "12.00", "20"))))]
    with pytest.raises(Conflict, match='No account is known for "S 20"'):
        write(tmp_path / "EXTF_x.csv", *papers, most=1)
    assert list(tmp_path.iterdir()) == []


def test_a_text_may_hold_what_the_format_is_made_of(tmp_path: Path) -> None:
    name = 'Meier; "Söhne" & Co;'
    write(tmp_path / "EXTF_x.csv", entry(billed(placed(item(), billing_address=ADDRESS | {"name": name}))))
    line = (tmp_path / "EXTF_x.csv").read_text("cp1252").splitlines()[2]
    assert '"Meier; ""Söhne"" & Co;"' in line
    (cells,) = csv.reader([line], delimiter=";")
    assert (len(cells), cells[COLUMNS.index("Buchungstext")]) == (125, name)


def test_a_paper_of_zero_has_no_booking(tmp_path: Path) -> None:
    order = placed(item(1, "20.00"), discounts=[{"name": "FREE", "amount": "20.00"}])
    assert write(tmp_path / "EXTF_x.csv", entry(billed(order))).empty == 1
    assert bookings(tmp_path / "EXTF_x.csv") == []


def test_books_that_differ_from_the_paper_are_not_written(tmp_path: Path) -> None:
    wrong = entry(billed(placed(item())))
    with pytest.raises(Conflict, match=r"The books have 10\.01 for RE-2026-00001, its tax rates sum to 10\.00: nothing is written"):
        write(tmp_path / "EXTF_x.csv", Entry(replace(wrong.document, gross_minor=1001), wrong.said))
    assert list(tmp_path.iterdir()) == []


def test_one_file_is_one_sellers_and_one_currencys(tmp_path: Path) -> None:
    one, other = entry(billed(placed(item()))), billed(placed(item()), seller=SELLER | {"vat_id": "DE999999999"})
    with pytest.raises(Conflict, match="The stores main and at have different sellers"):
        write(tmp_path / "EXTF_x.csv", one, entry(replace(other, store="at")))
    with pytest.raises(Conflict, match="is booked in EUR, the others in CHF"):
        write(tmp_path / "EXTF_x.csv", one, currency="CHF")
    with pytest.raises(Conflict, match="DATEV keeps books with two decimals, KWD has 3"):
        write(tmp_path / "EXTF_x.csv", one, currency="KWD")


@pytest.mark.parametrize(
    ("begins", "since", "until", "year"),
    [
        ((1, 1), date(2026, 1, 1), date(2026, 12, 31), "20260101"),
        ((7, 1), date(2026, 1, 1), date(2026, 6, 30), "20250701"),
        ((7, 1), date(2026, 7, 1), date(2026, 7, 1), "20260701"),
    ],
)
def test_the_fiscal_year_is_that_of_the_days(tmp_path: Path, begins: tuple[int, int], since: date, until: date, year: str) -> None:
    write(tmp_path / "EXTF_x.csv", client=a_client(begins=begins), period=Period(since, until))
    assert (tmp_path / "EXTF_x.csv").read_text("cp1252").split(";")[12] == year


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Müller & Söhne €", "Müller & Söhne €"),
        ("Dvořák Łukasz Őri Ștefan", "Dvorák Lukasz Ori Stefan"),
        ("Mu\u0308ller", "Müller"),
        ("你好 Ω", "?? ?"),
        ("a\tb\r\nc\u00a0d\u2028e", "a b c d e"),
        ("x" * 80, "x" * 60),
        ("\x81\x8d", ""),
    ],
)
def test_what_windows_1252_lacks_is_replaced_in_a_defined_way(text: str, written: str) -> None:
    assert legible(text, most=60) == written


@given(st.text())
def test_any_text_can_be_written(text: str) -> None:
    assert len(legible(text, most=60).encode("cp1252")) <= 60


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_bookings_sum_to_the_papers_whatever_was_sold(tmp_path: Path, data: st.DataObject) -> None:
    papers = list(_drawn(data, data.draw(st.integers(1, 3))))
    batch = write(tmp_path / "EXTF_x.csv", *papers, client=a_client(revenue=ANY))
    lines = bookings(tmp_path / "EXTF_x.csv")
    assert sum(map(_home, lines)) == batch.home_minor
    assert sum(map(_worth, papers)) == batch.home_minor
    assert sum(_signed(line, line["Umsatz (ohne Soll/Haben-Kz)"]) for line in lines if line["WKZ Umsatz"] == "EUR") == sum(
        each.document.signed_minor for each in papers if each.said.currency == "EUR"
    )


def _drawn(data: st.DataObject, count: int) -> Iterable[Entry]:
    for _ in range(count):
        foreign = data.draw(st.booleans())
        rate = data.draw(st.decimals("1.01", "99.999999", places=6))
        more = {"currency": "USD", "exchange_rate": f"{rate}"} if foreign else {}
        order = parse_order(_document(data) | more, defaults=defaults)
        invoice = billed(order, payable_rounding=data.draw(st.booleans()))
        yield entry(invoice)
        if data.draw(st.booleans()) and invoice.totals.gross_minor > 0:
            yield entry(credited(order, invoice, Wanted()))


def _document(data: st.DataObject) -> dict[str, Any]:
    document = data.draw(documents(returns=data.draw(st.booleans())))
    return {key: value for key, value in document.items() if value is not None}


def _home(line: Mapping[str, str]) -> int:
    return _signed(line, line["Basis-Umsatz"] or line["Umsatz (ohne Soll/Haben-Kz)"])


def _signed(line: Mapping[str, str], text: str) -> int:
    return (1 if line["Soll/Haben-Kennzeichen"] == "S" else -1) * int(text.replace(",", ""))


def _worth(paper: Entry) -> int:
    """What a paper is worth in euros, reckoned another way."""
    home, minor = paper.said.home_tax, paper.document.signed_minor
    if home is None:
        return minor
    exact = abs(Fraction(minor) / Fraction(Decimal(home.exchange_rate)))
    return int(exact + Fraction(1, 2)) * (1 if minor >= 0 else -1)

"""Bookings for DATEV, field by field; and that they sum to the documents."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given

from oms.errors import InvalidSettings
from oms.invoicing.books import Entry, entries_of
from oms.invoicing.datev import COLUMNS, DatevSettings, datev_lines, fiscal_year
from oms.orders import parse_order
from tests.unit.invoicing.papers import billed, defaults, item, placed
from tests.unit.invoicing.random_orders import documents
from tests.unit.invoicing.test_credits import credited

SETTINGS = DatevSettings(consultant=1001, client=7, revenue={"S 5.5": "8310", "S 25": "8401", "S 100": "8402"})
DAY = date(2026, 11, 24)
MADE = datetime(2026, 12, 1, 8, 30, 15, 123_000, tzinfo=UTC)


def lines(entries: list[Entry], **period: Any) -> list[str]:
    whole = b"".join(datev_lines(SETTINGS, entries, home="EUR", made_at=MADE, **({"first": DAY, "last": DAY} | period)))
    assert whole.endswith(b"\r\n")
    return whole.decode("cp1252").split("\r\n")[:-1]


def booking(line: str) -> dict[str, str]:
    (values,) = csv.reader([line], delimiter=";")
    return {name: value for name, value in zip(COLUMNS, values, strict=True) if value}


def test_the_first_line_says_field_by_field_what_the_file_is() -> None:
    assert lines([], first=date(2026, 11, 1), last=date(2026, 11, 30))[0].split(";") == [
        *('"EXTF"', "700", "21", '"Buchungsstapel"', "13", "20261201083015123", "", '"RE"', '"oms"', '""', "1001", "7", "20260101", "4"),
        *("20261101", "20261130", '"Rechnungen"', '""', "1", "0", "0", '"EUR"', "", '""', "", "", '"03"', "", "", '""', '"oms"'),
    ]


def test_the_second_line_names_125_fields() -> None:
    names = lines([])[1].split(";")
    assert len(names) == len(set(names)) == 125
    assert (names[0], names[9], names[113], names[-1]) == ("Umsatz (ohne Soll/Haben-Kz)", "Belegdatum", "Festschreibung", "Abw. Skontokonto")


def test_an_invoice_is_booked_from_debtors_to_revenue_tax_included() -> None:
    order = placed(
        item(2, "39.90"), item(1, "10.70", "7"), customer={"name": "Jana Novák“ ☕"}, billing_address={**_munich(), "name": "Jana Novák“ ☕"}
    )
    first, second = map(booking, lines(list(entries_of(billed(order))))[2:])
    assert first == {
        "Umsatz (ohne Soll/Haben-Kz)": "79,80",
        "Soll/Haben-Kennzeichen": "S",
        "WKZ Umsatz": "EUR",
        "Konto": "10000",
        "Gegenkonto (ohne BU-Schlüssel)": "8400",
        "Belegdatum": "2411",
        "Belegfeld 1": "RE-2026-00001",
        "Belegfeld 2": "081226",
        "Buchungstext": 'Jana Novák" ?',
        "Auftragsnummer": "A-1",
        "Festschreibung": "0",
        "Leistungsdatum": "24112026",
    }
    assert (second["Umsatz (ohne Soll/Haben-Kz)"], second["Gegenkonto (ohne BU-Schlüssel)"]) == ("10,70", "8300")


def test_a_credit_note_stands_on_the_other_side() -> None:
    order = placed(item(2, "39.90"))
    credit = replace(credited(order, billed(order)), issued_on=DAY)
    (line,) = map(booking, lines(list(entries_of(credit)))[2:])
    assert (line["Umsatz (ohne Soll/Haben-Kz)"], line["Soll/Haben-Kennzeichen"]) == ("79,80", "H")


def test_another_currency_is_booked_with_its_rate_and_what_it_is_at_home() -> None:
    order = placed(item(2, "33.33"), prices="net", currency="USD", exchange_rate="1.0832")
    (line,) = map(booking, lines(list(entries_of(billed(order))))[2:])
    assert {name: line[name] for name in ("Umsatz (ohne Soll/Haben-Kz)", "WKZ Umsatz", "Kurs", "Basis-Umsatz", "WKZ Basis-Umsatz")} == {
        "Umsatz (ohne Soll/Haben-Kz)": "79,33",
        "WKZ Umsatz": "USD",
        "Kurs": "1,083200",
        "Basis-Umsatz": "73,24",
        "WKZ Basis-Umsatz": "EUR",
    }


def test_a_delivery_within_the_union_names_the_buyers_vat_id() -> None:
    order = placed(item(1, "20.00", "0", tax_category="K"), customer={"name": "M", "vat_id": "FR83404833048"}, prices="net")
    (line,) = map(booking, lines(list(entries_of(billed(order))))[2:])
    assert (line["EU-Land u. UStID (Bestimmung)"], line["Gegenkonto (ohne BU-Schlüssel)"]) == ("FR83404833048", "8125")


def test_a_rate_without_account_is_named_with_what_to_write() -> None:
    with pytest.raises(InvalidSettings, match=r'no revenue account is known for "S 16" .* write it as "S 16" = "8400"'):
        lines(list(entries_of(billed(placed(item(1, "20.00", "16"))))))


def test_nothing_is_not_booked() -> None:
    assert len(lines(list(entries_of(billed(placed(item(1, "0.00"))))))) == 2


@pytest.mark.parametrize(
    ("begins", "day", "year"), [("01-01", DAY, date(2026, 1, 1)), ("07-01", DAY, date(2026, 7, 1)), ("12-01", DAY, date(2025, 12, 1))]
)
def test_a_fiscal_year_may_begin_on_any_day(begins: str, day: date, year: date) -> None:
    assert fiscal_year(replace(SETTINGS, year_begins=begins), day) == year


@given(documents())
def test_the_bookings_of_a_document_sum_to_what_it_asks_for(document: dict[str, Any]) -> None:
    invoice = billed(parse_order(document, defaults=defaults))
    signs = {"S": 1, "H": -1}
    booked = [booking(line) for line in lines(list(entries_of(invoice)))[2:]]
    total = sum(signs[each["Soll/Haben-Kennzeichen"]] * int(each["Umsatz (ohne Soll/Haben-Kz)"].replace(",", "")) for each in booked)
    assert total == invoice.totals.gross_minor + invoice.totals.rounding_minor


def _munich() -> dict[str, str]:
    return {"name": "Jana Novak", "street": "Marktplatz 2", "postcode": "80331", "city": "München", "country": "DE"}

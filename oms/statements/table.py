"""A bank's table of entries (CSV): columns by their names, in any order; what a bank adds besides is left unread."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from oms.statements.model import LONGEST_REFERENCE, MOST, Entry, cleaned, given, known, minor_of, wrong

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "date": ("booked_on", "buchungstag", "buchungsdatum", "datum"),
    "amount": ("betrag", "betrag (eur)", "umsatz"),
    "currency": ("waehrung", "währung"),
    "text": ("verwendungszweck", "remittance information"),
    "reference": ("bank reference", "bankreferenz"),
    "order": ("bestellung", "auftrag"),
    "payer": ("name", "auftraggeber", "beguenstigter/zahlungspflichtiger", "name zahlungsbeteiligter"),
    "account": ("auftragskonto", "iban auftragskonto"),
    "status": ("info",),
}
"""Column to what banks call it, in small letters."""
_REQUIRED = ("date", "amount")
_BOOKED = frozenset({"", "booked", "book", "umsatz gebucht", "gebucht"})
_AMOUNT = re.compile(r"([+-]?)(\d[\d.,' ]*)", re.ASCII)
_SHOWN_AS_TEXT = re.compile(r'="([^"]*)"')
"""How programs keep a spreadsheet from reckoning with a number."""
_GERMAN_DAY = re.compile(r"\d{2}\.\d{2}\.(\d{2}|\d{4})", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHORT = 8
"""Characters of 25.11.26."""

Decimal = Literal[",", "."]


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]


def read_table(text: str, *, delimiter: str | None = None, decimal: Decimal | None = None) -> list[Entry]:
    """The entries of a table.

    Args:
        text: The file.
        delimiter: Between the cells; None: what the first line has most of.
        decimal: Before the cents; None: what the amounts show.

    Raises:
        InvalidInput: with the line of what is wrong.
    """
    first = text.partition("\n")[0]
    between = delimiter or max(";,\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    try:
        names = [_column(name) for name in reader.fieldnames or ()]
        _require(names, first)
        reader.fieldnames = names
        rows = list(_rows(reader))
    except csv.Error as error:
        raise wrong(f"is no CSV: {error}.", place=f"line {reader.line_num}") from error
    if not rows:
        raise wrong("has no row below the names of its columns.")
    mark = decimal or _decimal(rows)
    return list(known(_entry(row, mark) for row in rows))


def _column(name: str) -> str:
    plain = " ".join(name.split()).lower()
    return next((column for column, names in COLUMNS.items() if plain == column or plain in names), f"({plain})")


def _require(names: Sequence[str], first: str) -> None:
    missing = [name for name in _REQUIRED if name not in names]
    if not {"text", "order"} & set(names):
        missing.append("text or order")
    if missing:
        raise wrong(f'lacks the column {", ".join(missing)}: its first line is "{cleaned(first, limit=80)}".', place="line 1")
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if twice:
        raise wrong(f"has the column {twice[0]} twice.", place="line 1")


def _rows(reader: csv.DictReader[str]) -> Iterator[_Row]:
    for number, row in enumerate(reader, start=1):
        if number > MOST:
            raise wrong(f"has more than {MOST:,} rows: split it.", place=f"line {reader.line_num}")
        if None in row or None in row.values():
            raise wrong("has another number of cells than the first line.", place=f"line {reader.line_num}")
        cells = {name: _SHOWN_AS_TEXT.sub(r"\1", value).strip() for name, value in row.items() if name in COLUMNS}
        if any(cells.values()):
            yield _Row(reader.line_num, cells)


def _decimal(rows: Sequence[_Row]) -> Decimal:
    """What stands before the cents, by all amounts together."""
    shown: set[Decimal] = set()
    for row in rows:
        number = re.sub(r"[^\d.,]", "", row.cells["amount"])
        comma, dot = number.rfind(","), number.rfind(".")
        last: Decimal = "," if comma > dot else "."
        if max(comma, dot) < 0:
            continue
        if min(comma, dot) >= 0 or (number.count(last) == 1 and len(number) - max(comma, dot) - 1 != 3):  # noqa: PLR2004 - three digits may be thousands
            shown.add(last)
        elif number.count(last) > 1:  # 1.234.567
            shown.add("." if last == "," else ",")
    if len(shown) > 1:
        raise wrong("has amounts with a comma and others with a dot before the cents: say which it is, or mend the file.")
    if not shown and any(re.search(r"[.,]", row.cells["amount"]) for row in rows):
        raise wrong("has only amounts like 1.234, which may be thousands or cents: say which mark stands before the cents.")
    return shown.pop() if shown else "."


def _entry(row: _Row, decimal: Decimal) -> Entry:
    cells, place = row.cells, f"line {row.line}"
    try:
        amount, currency, goes_out = _money(cells, decimal)
        minor = minor_of(amount, currency)
        return Entry(
            place=place,
            booked_on=_day(cells["date"]),
            amount_minor=minor,
            currency=currency,
            text=cleaned(cells.get("text")),
            payer=cleaned(cells.get("payer"), limit=140),
            account=cleaned(cells.get("account"), limit=40).replace(" ", ""),
            order=cleaned(cells.get("order"), limit=64),
            reference=_reference(cells),
            skipped="goes out." if goes_out else _skipped(cells) if minor else "moves nothing.",
        )
    except ValueError as error:
        raise wrong(str(error), place=place) from error


def _money(cells: Mapping[str, str], decimal: Decimal) -> tuple[str, str, bool]:
    """Plain digits, the currency, and whether it goes out."""
    said = cells["amount"].replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")
    if said.startswith(("=", "@")):
        raise ValueError("has a formula where its amount should be: save the table as values.")
    currency = cells.get("currency", "").upper()
    trailing = re.search(r"\s?([A-Z]{3}|€)$", said)
    if trailing:
        currency, said = currency or trailing[1].replace("€", "EUR"), said[: trailing.start()]
    if said.endswith("-"):
        said = f"-{said[:-1]}"
    found = _AMOUNT.fullmatch(said.strip())
    if found is None:
        raise ValueError(f'has the amount "{cleaned(cells["amount"], limit=40)}": write it as 1234{decimal}50.')
    digits = re.sub(r"[' .]" if decimal == "," else r"[' ,]", "", found[2]).replace(decimal, ".")
    return digits, currency or "EUR", found[1] == "-"


def _day(said: str) -> date:
    try:
        if _ISO_DAY.fullmatch(said):
            return date.fromisoformat(said)
        if _GERMAN_DAY.fullmatch(said):
            pattern = "%d.%m.%y" if len(said) == _SHORT else "%d.%m.%Y"
            return datetime.strptime(said, pattern).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        pass
    raise ValueError(f'has the date "{cleaned(said, limit=40)}": write it as 2026-11-25 or 25.11.2026.')


def _reference(cells: Mapping[str, str]) -> str:
    found = cleaned(cells.get("reference"), limit=LONGEST_REFERENCE)
    return found if given(found) else ""


def _skipped(cells: Mapping[str, str]) -> str | None:
    status = cells.get("status", "")
    return None if status.lower() in _BOOKED else f"is not booked yet ({cleaned(status, limit=40)}): it comes again when it is."

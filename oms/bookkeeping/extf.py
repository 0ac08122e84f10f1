"""DATEV's format EXTF 700, category 21 "Buchungsstapel", version 13: its header, its 125 columns, its characters.

Sources: https://developer.datev.de/datev/platform/de/dtvf/einstieg (file, quoting, sample), …/dtvf/formate/header (31 fields) and
…/dtvf/formate/buchungsstapel (125 fields with their expressions).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

ENCODING, END = "cp1252", "\r\n"
MOST_BOOKINGS = 99_999
"""A batch holds no more."""

_INFO = tuple(f"Beleginfo - {what} {number}" for number in range(1, 9) for what in ("Art", "Inhalt"))
_MORE = tuple(f"{name} {number}" for number in range(1, 21) for name in ("Zusatzinformation - Art", "Zusatzinformation- Inhalt"))
COLUMNS = (
    *("Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz", "WKZ Basis-Umsatz", "Konto"),
    *("Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum", "Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext", "Postensperre"),
    *("Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt", "Zinssperre", "Beleglink", *_INFO),
    *("KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge", "EU-Land u. UStID (Bestimmung)", "EU-Steuersatz (Bestimmung)"),
    *("Abw. Versteuerungsart", "Sachverhalt L+L", "Funktionsergänzung L+L", "BU 49 Hauptfunktionstyp", "BU 49 Hauptfunktionsnummer"),
    *("BU 49 Funktionsergänzung", *_MORE, "Stück", "Gewicht", "Zahlweise", "Forderungsart", "Veranlagungsjahr", "Zugeordnete Fälligkeit"),
    *("Skontotyp", "Auftragsnummer", "Buchungstyp", "USt-Schlüssel (Anzahlungen)", "EU-Land (Anzahlungen)", "Sachverhalt L+L (Anzahlungen)"),
    *("EU-Steuersatz (Anzahlungen)", "Erlöskonto (Anzahlungen)", "Herkunft-Kz", "Buchungs GUID", "KOST-Datum", "SEPA-Mandatsreferenz"),
    *("Skontosperre", "Gesellschaftername", "Beteiligtennummer", "Identifikationsnummer", "Zeichnernummer", "Postensperre bis"),
    *("Bezeichnung SoBil-Sachverhalt", "Kennzeichen SoBil-Buchung", "Festschreibung", "Leistungsdatum", "Datum Zuord. Steuerperiode"),
    *("Fälligkeit", "Generalumkehr (GU)", "Steuersatz", "Land", "Abrechnungsreferenz", "BVV-Position", "EU-Land u. UStID (Ursprung)"),
    *("EU-Steuersatz (Ursprung)", "Abw. Skontokonto"),
)
"""The second line: 125 names, as in DATEV's sample."""

_TEXTS = frozenset(
    [
        *("Soll/Haben-Kennzeichen", "WKZ Umsatz", "WKZ Basis-Umsatz", "BU-Schlüssel", "Belegfeld 1", "Belegfeld 2", "Buchungstext"),
        *("Diverse Adressnummer", "Beleglink", *_INFO, "KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "EU-Land u. UStID (Bestimmung)"),
        *("Abw. Versteuerungsart", *_MORE, "Forderungsart", "Auftragsnummer", "Buchungstyp", "EU-Land (Anzahlungen)", "Herkunft-Kz"),
        *("Buchungs GUID", "SEPA-Mandatsreferenz", "Gesellschaftername", "Identifikationsnummer", "Zeichnernummer"),
        *("Bezeichnung SoBil-Sachverhalt", "Generalumkehr (GU)", "Land", "Abrechnungsreferenz", "EU-Land u. UStID (Ursprung)"),
    ]
)
"""Columns that stand between quotation marks, also when they are empty."""

_WRITTEN: Mapping[str, str] = MappingProxyType(
    {
        "Ł": "L",
        "ł": "l",
        "Đ": "D",
        "đ": "d",
        "Ħ": "H",
        "ħ": "h",
        "Ŧ": "T",
        "ŧ": "t",
        "ẞ": "SS",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        **dict.fromkeys("\N{MINUS SIGN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{HORIZONTAL BAR}", "-"),
    }
)
"""Letters that have no parts to be taken off."""
_UNKNOWN = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the first line says of the batch."""

    created_at: datetime  #: in the zone of whoever reads it
    consultant: int  #: Beraternummer
    client: int  #: Mandantennummer
    fiscal_year_start: date
    account_length: int
    since: date
    until: date
    currency: str
    chart: str  #: `03` or `04`
    number: int = 1  #: of the files that hold the period

    def line(self) -> bytes:
        """The first line: 31 fields. Nothing is locked (Festschreibung 0), so that the accountant looks first."""
        name = "Ausgangsrechnungen" if self.number == 1 else f"Ausgangsrechnungen {self.number}"
        fields = (
            *('"EXTF"', "700", "21", '"Buchungsstapel"', "13", f"{self.created_at:%Y%m%d%H%M%S}{self.created_at.microsecond // 1000:03}", ""),
            *('"OM"', '"oms"', '""', str(self.consultant), str(self.client), f"{self.fiscal_year_start:%Y%m%d}", str(self.account_length)),
            *(f"{self.since:%Y%m%d}", f"{self.until:%Y%m%d}", f'"{name}"', '""', "1", "0", "0", f'"{self.currency}"'),
            *("", '""', "", "", f'"{self.chart}"', "", "", '""', '""'),
        )
        return f"{';'.join(fields)}{END}".encode(ENCODING)


def heading() -> bytes:
    """The second line."""
    return f"{';'.join(COLUMNS)}{END}".encode(ENCODING)


def line_of(fields: Mapping[str, str]) -> bytes:
    """A booking: its columns by name; the others are empty.

    Args:
        fields: Numbers as they are written; texts as they are, however long they may be here.
    """
    return f"{';'.join(_cells(fields))}{END}".encode(ENCODING)


def amount(minor: int, decimals: int) -> str:
    """Without its sign, with a comma and two decimals: 123450 → `1234,50`. A currency without decimals gets them."""
    digits = str(abs(minor) * 10 ** (2 - decimals)).rjust(3, "0")
    return f"{digits[:-2]},{digits[-2:]}"


def legible(text: str, *, most: int) -> str:
    """The text in the characters of Windows-1252, cut to what the column holds.

    A letter that is not among them loses its marks (`č` → `c`); one that is none then is `?`. What steers a printer is a blank.
    """
    known = "".join(map(_known, unicodedata.normalize("NFC", text)))
    return " ".join(known.split())[:most].rstrip()


def _cells(fields: Mapping[str, str]) -> Iterator[str]:
    for column in COLUMNS:
        value = fields.get(column, "")
        yield '"{}"'.format(value.replace('"', '""')) if column in _TEXTS else value


def _known(character: str) -> str:
    if unicodedata.category(character) in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    if _is_known(character):
        return character
    parts = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    written = _WRITTEN.get(character) or _WRITTEN.get(parts) or parts
    return written if written and all(map(_is_known, written)) else _UNKNOWN


def _is_known(character: str) -> bool:
    try:
        character.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True

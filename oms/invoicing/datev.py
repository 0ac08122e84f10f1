"""Bookings as DATEV reads them: EXTF, header version 700, category 21 "Buchungsstapel", format version 13 with 125 fields.

Source: developer.datev.de, "DATEV-Format", "Buchungsstapel". The file is Windows-1252 with CRLF; texts stand in quotes, numbers don't; amounts have a
comma and no sign, `S` or `H` says which side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from oms.errors import InvalidSettings, Problem
from oms.invoicing.books import Entry
from oms.money import decimals_of, round_half_up

HEADER_FIELDS = 31
_NUMBERED = [f"{name} {number}" for number in range(1, 9) for name in ("Beleginfo - Art", "Beleginfo - Inhalt")]
_MORE = [f"{name} {number}" for number in range(1, 21) for name in ("Zusatzinformation - Art", "Zusatzinformation- Inhalt")]
COLUMNS: tuple[str, ...] = (
    *("Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz", "WKZ Basis-Umsatz", "Konto"),
    *("Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum", "Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext", "Postensperre"),
    *("Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt", "Zinssperre", "Beleglink", *_NUMBERED),
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
"""The names of the second line."""

_TEXTS = frozenset(
    [
        *("Soll/Haben-Kennzeichen", "WKZ Umsatz", "WKZ Basis-Umsatz", "BU-Schlüssel", "Belegfeld 1", "Belegfeld 2", "Buchungstext"),
        *("EU-Land u. UStID (Bestimmung)", "Auftragsnummer", "Herkunft-Kz"),
    ]
)
"""Fields in quotes."""
_REFERENCE, _TEXT, _ORDER = 36, 60, 30
"""Characters that DATEV takes of Belegfeld 1, Buchungstext, Auftragsnummer."""
_REPLACED = str.maketrans({"“": '"', "”": '"', "\r": " ", "\n": " "})


@dataclass(frozen=True, slots=True, kw_only=True)
class DatevSettings:
    """What the tax adviser says of a shop."""

    consultant: int  #: Beraternummer
    client: int  #: Mandantennummer
    year_begins: str = "01-01"  #: month and day of the fiscal year
    account_length: int = 4  #: digits of a general ledger account
    debtors: str = "10000"  #: the account that customers' invoices are booked on
    chart: str = "03"  #: SKR03 or SKR04
    revenue: Mapping[str, str] = field(default_factory=dict)  #: `S 19` to an account, beside those of the chart


CHARTS: Mapping[str, Mapping[str, str]] = {
    "03": {"S 19": "8400", "S 7": "8300", "K 0": "8125", "G 0": "8120", "AE 0": "8336", "E 0": "8100", "Z 0": "8290"},
    "04": {"S 19": "4400", "S 7": "4300", "K 0": "4125", "G 0": "4120", "AE 0": "4336", "E 0": "4100", "Z 0": "4290"},
}
"""Accounts with automatic VAT by category and rate: they need no BU-Schlüssel."""


def datev_lines(settings: DatevSettings, entries: Iterable[Entry], *, home: str, first: date, last: date, made_at: datetime) -> Iterator[bytes]:
    """The lines of the file, each with its end.

    Args:
        settings: What the tax adviser says.
        entries: Of documents from `first` to `last`, which lie in one fiscal year.
        home: The currency of the books.
        first: Of the period.
        last: Of the period.
        made_at: When it is made, in the store's zone.

    Raises:
        InvalidSettings: no account is known for a tax group, or the period lies in two fiscal years.
    """
    yield _line(_header(settings, home=home, first=first, last=last, made_at=made_at))
    yield ";".join(COLUMNS).encode("cp1252") + b"\r\n"
    for entry in entries:
        if entry.payable_minor:  # DATEV takes no booking of nothing
            yield _line(_booking(settings, entry, home))


def fiscal_year(settings: DatevSettings, day: date) -> date:
    """The first day of the fiscal year in which a day lies."""
    month, first = map(int, settings.year_begins.split("-"))
    begins = date(day.year, month, first)
    return begins if begins <= day else date(day.year - 1, month, first)


def _header(settings: DatevSettings, *, home: str, first: date, last: date, made_at: datetime) -> Sequence[str]:
    year = fiscal_year(settings, first)
    if fiscal_year(settings, last) != year:
        raise InvalidSettings([Problem("--from", f"{first} and {last} lie in two fiscal years: DATEV wants a file for each.")])
    head = [
        *(_quoted("EXTF"), "700", "21", _quoted("Buchungsstapel"), "13", f"{made_at:%Y%m%d%H%M%S}{made_at.microsecond // 1000:03}", ""),
        *(_quoted("RE"), _quoted("oms"), _quoted(""), str(settings.consultant), str(settings.client), f"{year:%Y%m%d}"),
        *(str(settings.account_length), f"{first:%Y%m%d}", f"{last:%Y%m%d}", _quoted("Rechnungen"), _quoted(""), "1", "0", "0"),
        *(_quoted(home), "", _quoted(""), "", "", _quoted(settings.chart), "", "", _quoted(""), _quoted("oms")),
    ]
    return head[:HEADER_FIELDS]


def _booking(settings: DatevSettings, entry: Entry, home: str) -> Sequence[str]:
    """Debtors to revenue, tax included: the account knows its tax."""
    payable = entry.payable_minor
    values = {
        "Umsatz (ohne Soll/Haben-Kz)": _amount(abs(payable), entry.currency),
        "Soll/Haben-Kennzeichen": "S" if payable >= 0 else "H",
        "WKZ Umsatz": entry.currency,
        "Konto": settings.debtors,
        "Gegenkonto (ohne BU-Schlüssel)": _account(settings, entry),
        "Belegdatum": f"{entry.issued_on:%d%m}",
        "Belegfeld 1": entry.number[:_REFERENCE],
        "Belegfeld 2": f"{entry.due_on:%d%m%y}" if entry.due_on else "",
        "Buchungstext": entry.customer[:_TEXT],
        "EU-Land u. UStID (Bestimmung)": entry.vat_id or "" if entry.category in {"K", "AE"} else "",
        "Auftragsnummer": entry.order[:_ORDER],
        "Festschreibung": "0",
        "Leistungsdatum": f"{entry.supply_on:%d%m%Y}",
    }
    if entry.exchange_rate is not None:
        base = round_half_up(abs(payable) * Decimal(10) ** (decimals_of(home) - decimals_of(entry.currency)) / entry.exchange_rate)
        values |= {"Kurs": _rate(entry.exchange_rate), "Basis-Umsatz": _amount(base, home), "WKZ Basis-Umsatz": home}
    return [_quoted(values.get(name, "")) if name in _TEXTS and values.get(name) else values.get(name, "") for name in COLUMNS]


def _account(settings: DatevSettings, entry: Entry) -> str:
    key = f"{entry.category} {entry.rate.normalize():f}"
    account = settings.revenue.get(key) or CHARTS[settings.chart].get(key)
    if account is None:
        sentence = f'no revenue account is known for "{key}" (category and rate of {entry.number}): write it as "{key}" = "8400" into this table.'
        raise InvalidSettings([Problem("config/oms.toml: datev.revenue", sentence)])
    return account


def _amount(minor: int, currency: str) -> str:
    """Two decimals, whatever the currency has."""
    hundredths = round_half_up(minor * Decimal(10) ** (2 - decimals_of(currency)))
    return f"{hundredths // 100},{hundredths % 100:02}"


def _rate(rate: Decimal) -> str:
    """Six decimals, as the field has them."""
    return f"{rate:.6f}".replace(".", ",")


def _quoted(text: str) -> str:
    """In quotes; what Windows-1252 lacks becomes a question mark."""
    known = text.translate(_REPLACED).encode("cp1252", "replace").decode("cp1252")
    return '"' + known.replace('"', '""') + '"'


def _line(values: Sequence[str]) -> bytes:
    return ";".join(values).encode("cp1252") + b"\r\n"

"""What a text in config/ may be: a country, an address, a number format. Each refusal is a sentence that says how to write it."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency
from pydantic import AfterValidator, BeforeValidator, StringConstraints

from oms.addresses import is_address, is_electronic_address, unknown_scheme
from oms.ports.shop import LAST_NUMBER
from oms.process.durations import parse_duration
from oms.process.schedule import is_calendar, is_zone
from oms.settings.vat_ids import well_formed

SQLITE = "sqlite:///"
"""How the address of a database file begins."""
POSTGRES = "postgresql://"
"""How the address of a database on a server begins."""

_SENDER = re.compile(r'"?(?P<name>[^<>"]*?)"?\s*<(?P<address>[^<>]+)>')
_SERVER = re.compile(rf"{POSTGRES}([^:@/?#]+@)?[^:@/?#]*(:[0-9]{{1,5}})?/[^/?#]+([?][^#]*)?")
_SECRET_IN_URL = re.compile(r"[a-z+0-9]+://[^/@]*:[^/@]*@|.*[?&]password=")
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})  # codes of groups and of nobody, which CLDR names too
_LONGEST_NUMBER = 20  # characters
_LINEAR = 0.04045  # sRGB: darker parts are proportional
_READABLE = 4.5  # WCAG 2, level AA, for text of any size


def _line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("A line end, a tab or another control character stands in it: it must be one line of text.")
    return unicodedata.normalize("NFC", text)


def _locale(text: str) -> str:
    try:
        return str(Locale.parse(text.replace("-", "_")))
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError(f"{text!r:.80} is no locale: write language and country, such as de_DE or en_GB.") from error


def _currency(text: str) -> str:
    if not is_currency(text) or text == "XXX":
        raise ValueError(f"{text!r:.80} is no currency: write its ISO 4217 code, such as EUR.")
    return text


def _country(text: str) -> str:
    if not re.fullmatch("[A-Z]{2}", text) or text in _NO_COUNTRIES or text not in Locale("en").territories:
        raise ValueError(f"{text!r:.80} is no country: write its ISO 3166 code, such as DE or AT.")
    return text


def _zone(text: str) -> str:
    if not is_zone(text):
        raise ValueError(f"{text!r:.80} is no time zone: write its IANA name, such as Europe/Berlin.")
    return text


def _calendar(text: str) -> str:
    if not is_calendar(text):
        raise ValueError(f"No public holidays are known for {text!r:.80}: write a country or a part of it, such as AT or DE-BY.")
    return text


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError(f"{text!r:.80} is not one plain mail address, such as shop@shop.example.")
    return text


def _sender(text: str) -> str:
    if not is_address(sender_of(text)[1]):
        raise ValueError(f"{text!r:.80} is no sender: write it as in Our Shop <shop@shop.example>.")
    return text


def sender_of(text: str) -> tuple[str, str]:
    """Name (maybe empty) and address of a `Sender`."""
    match = _SENDER.fullmatch(text)
    return (match["name"], match["address"]) if match else ("", text)


def _number_format(text: str) -> str:
    whole = re.fullmatch(r"([A-Z0-9/-]|\{year\}|\{number(:0[1-9]d)?\})+", text)
    if not whole or text.count("{year}") != 1 or text.count("{number") != 1:
        sentence = "it needs {year} and {number} once each, between capital letters, digits, / and -, as in RE-{year}-{number:05d}."
        raise ValueError(f"{text!r:.80} is no number format: {sentence}")
    if len(text.format(year=9999, number=LAST_NUMBER)) > _LONGEST_NUMBER:
        raise ValueError(f"{text!r:.80} makes numbers of more than {_LONGEST_NUMBER} characters: shorten it.")
    return text


def _terms(text: str) -> str:
    if parse_duration(text) % timedelta(days=1):
        raise ValueError(f"{text!r:.80} are no payment terms: they are whole days, such as 14d.")
    return text


def _iban(text: str) -> str:
    iban = text.replace(" ", "")
    if (
        not re.fullmatch("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", iban)
        or int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 != 1
    ):
        raise ValueError(f"{text!r:.80} is no IBAN: a digit may be wrong.")
    return iban


def _bic(text: str) -> str:
    if not re.fullmatch("[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", text):
        raise ValueError(f"{text!r:.80} is no BIC: it has 8 or 11 characters, such as BYLADEM1001.")
    return text


def _colour(text: str) -> str:
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise ValueError(f"{text!r:.80} is no colour: write # and six hexadecimal digits, such as #7a4a21.")
    contrast = 1.05 / (_luminance(text) + 0.05)
    if contrast < _READABLE:
        raise ValueError(
            f"{text!r:.80} is too light to be read on white paper (contrast {contrast:.1f} : 1, at least {_READABLE} : 1): take a darker one."
        )
    return text.lower()


def _luminance(colour: str) -> float:
    """From 0, black, to 1, white (WCAG 2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= _LINEAR else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _electronic(text: str) -> str:
    if not is_electronic_address(text):
        raise ValueError(f"{text!r:.80} is no electronic address: write its scheme and itself, such as 0204:991-12345-06 or EM:me@shop.example.")
    if fault := unknown_scheme(text):
        raise ValueError(f"{text!r:.80} {fault}")
    return text


def _day_of_year(text: str) -> str:
    try:
        date.fromisoformat(f"2001-{text}")  # a year without 29 February: that is no day of every one
    except ValueError as error:
        raise ValueError(f"{text!r:.80} is no day of a year: write month and day, such as 01-01.") from error
    return text


def _account(text: str) -> str:
    if not re.fullmatch("[0-9]{4,9}", text):
        raise ValueError(f'{text!r:.80} is no account: write its four to nine digits in quotes, such as "8400".')
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or not text.isascii() or " " in text:
        raise ValueError(f"{text!r:.80} is no address to call: write it as in https://chat.shop.example/hook, without an account in it.")
    return text


def _database_url(text: str) -> str:
    if _SECRET_IN_URL.match(text):
        raise ValueError("A password does not belong into this address: name a file that holds it, as password_file, or set OMS_DATABASE__PASSWORD.")
    if not (re.fullmatch(rf"{SQLITE}[^:?]*[^:?/]", text) or _SERVER.fullmatch(text)):
        raise ValueError(
            f"{text!r:.80} is no address of a database: write {SQLITE}data/oms.db for a file, or {POSTGRES}oms@localhost/oms for a server."
        )
    return text


def _store_name(text: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9-]{0,63}", text):
        raise ValueError(f"{text!r:.80} is no name of a store: it begins with a small letter; small letters, digits and - follow.")
    return text


def _module(text: str) -> str:
    if not all(part.isidentifier() for part in text.split(".")):
        raise ValueError(f"{text!r:.80} is no module: write it as Python imports it, such as shop.oms.")
    return text


def _host(text: str) -> str:
    if not re.fullmatch("[A-Za-z0-9.:-]+", text) or text.startswith(("http:", "https:")):
        raise ValueError(f"{text!r:.80} is no host: write its name or address without https:// and port, such as erp.shop.lan or 10.0.0.7.")
    return text.lower()


def list_of(value: object) -> object:
    """The environment has no lists: there, commas part."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _one_line(value: object) -> object:
    """A text that is broken over lines in the file is one paragraph."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _joined(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} can't be used: it must be a number.")  # noqa: TRY004 - pydantic collects ValueErrors
    return value


StoreName = Annotated[str, AfterValidator(_store_name)]
Url = Annotated[str, AfterValidator(_url)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_line)]
LocaleName = Annotated[Line, AfterValidator(_locale)]
Currency = Annotated[Line, AfterValidator(_currency)]
Country = Annotated[Line, AfterValidator(_country)]
Zone = Annotated[Line, AfterValidator(_zone)]
Calendar = Annotated[Line, AfterValidator(_calendar)]
MailAddress = Annotated[Line, AfterValidator(_address)]
MailAddresses = Annotated[tuple[MailAddress, ...], BeforeValidator(list_of)]
Sender = Annotated[Line, AfterValidator(_sender)]
NumberFormat = Annotated[Line, AfterValidator(_number_format)]
Terms = Annotated[Line, AfterValidator(_terms)]
Iban = Annotated[Line, AfterValidator(_iban)]
Bic = Annotated[Line, AfterValidator(_bic)]
Colour = Annotated[Line, AfterValidator(_colour)]
Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_line), BeforeValidator(_one_line)]
VatId = Annotated[Line, AfterValidator(well_formed)]
Account = Annotated[Line, AfterValidator(_account)]
DayOfYear = Annotated[Line, AfterValidator(_day_of_year)]
ElectronicAddress = Annotated[Line, AfterValidator(_electronic)]
Names = Annotated[Line, BeforeValidator(_joined)]
Hosts = Annotated[tuple[Annotated[Line, AfterValidator(_host)], ...], BeforeValidator(list_of)]
Modules = Annotated[tuple[Annotated[Line, AfterValidator(_module)], ...], BeforeValidator(list_of)]
Number = Annotated[int, BeforeValidator(_no_bool)]
Seconds = Annotated[float, BeforeValidator(_no_bool)]

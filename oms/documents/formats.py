"""Amounts, dates, rates and quantities as people of a locale write them: the filters of the templates. Nothing is computed.

Each takes the template's `locale`; amounts are minor units, rates and quantities decimal text, dates ISO.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision
from jinja2 import pass_context
from jinja2.runtime import Context


@pass_context
def money(context: Context, minor: int, currency: str) -> str:
    """An amount with its currency: 123450 → `1.234,50 €`."""
    return money_in(str(context["locale"]), minor, currency)


@pass_context
def amount(context: Context, minor: int, currency: str) -> str:
    """The same without its sign: `1.234,50`."""
    return _plain(_major(minor, currency), get_currency_precision(currency), context)


@pass_context
def price(context: Context, text: str, decimals: int) -> str:
    """A unit price in major units, with exactly so many decimals, halves away from zero: `8,3950`."""
    return _plain(Decimal(text).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP), decimals, context)


@pass_context
def day(context: Context, text: str, style: Literal["short", "medium", "long", "full"] = "long") -> str:
    """`{{ "2026-11-24" | date }}` → `24. November 2026`; times are cut to their day."""
    return format_date(date.fromisoformat(text[:10]), style, locale=_locale(context))


@pass_context
def rate(context: Context, text: str) -> str:
    """`{{ "19" | rate }}` → `19 %`."""
    return format_percent(Decimal(text) / 100, locale=_locale(context), decimal_quantization=False)


@pass_context
def quantity(context: Context, value: str | int) -> str:
    """`{{ 1000 | quantity }}` → `1.000`."""
    return format_decimal(Decimal(value).normalize(), locale=_locale(context), decimal_quantization=False).replace("-", _MINUS)


def decimals(prices: Iterable[str], currency: str) -> int:
    """How many decimals a column of unit prices needs: those of the currency, at most four when some price is finer."""
    usual = get_currency_precision(currency)
    finest = max((-int(Decimal(text).normalize().as_tuple().exponent) for text in prices), default=usual)
    return max(usual, min(finest, _FINEST_PRICE))


@pass_context
def country(context: Context, code: str) -> str:
    """`{{ "DE" | country }}` → `Deutschland`."""
    return str(_locale(context).territories.get(code, code))


def iban(text: str) -> str:
    """In groups of four, as it is typed."""
    plain = "".join(text.split())
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


@lru_cache(maxsize=64)
def parse_locale(text: str) -> Locale:
    """The locale of that name; its language if the region is unknown, English if that is, too."""
    for name in (text.replace("-", "_"), text[:2], "en"):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


_FINEST_PRICE = 4
"""Net prices of a shop that sells gross have six decimals; more than four help no reader."""

_MINUS = "\N{MINUS SIGN}"
"""As wide as a digit, so that columns stay aligned."""


@lru_cache(maxsize=4096)
def money_in(locale: str, minor: int, currency: str) -> str:
    """An amount with its currency. Kept: a list says the same few again and again, and one takes Babel as long as drawing half of a row."""
    return format_currency(_major(minor, currency), currency, locale=parse_locale(locale)).replace("-", _MINUS)


def _major(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-get_currency_precision(currency))


def _plain(number: Decimal, decimals: int, context: Context) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(number, format=pattern, locale=_locale(context)).replace("-", _MINUS)


def _locale(context: Context) -> Locale:
    return parse_locale(str(context["locale"]))


FILTERS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        "amount": amount,
        "country": country,
        "date": day,
        "decimals": decimals,
        "iban": iban,
        "money": money,
        "price": price,
        "quantity": quantity,
        "rate": rate,
    }
)

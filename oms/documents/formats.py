"""Money, dates, rates and quantities as people of a locale write them. Text only: nothing is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_precision


def money(minor: int, currency: str, locale: str) -> str:
    """`1.234,50 €`"""
    return format_currency(Decimal(minor).scaleb(-get_currency_precision(currency)), currency, locale=_locale(locale))


def day(text: str, locale: str) -> str:
    """`24. November 2026`"""
    return format_date(date.fromisoformat(text[:10]), "long", locale=_locale(locale))


def rate(text: str, locale: str) -> str:
    """`19 %`"""
    return format_decimal(Decimal(text), locale=_locale(locale)) + " %"


def quantity(value: str | int, locale: str) -> str:
    """`1.000`"""
    return format_decimal(Decimal(value), locale=_locale(locale))


def _locale(text: str) -> Locale:
    return Locale.parse(text.replace("-", "_"))


FILTERS: Mapping[str, Callable[..., str]] = MappingProxyType({"money": money, "date": day, "rate": rate, "quantity": quantity})

"""Values as cells of a CSV (RFC 4180, UTF-8, with a comma). A text that a spreadsheet would take for a formula is made harmless."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from oms.money import format_minor

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet may run (OWASP, CSV injection)."""


class Number(str):
    """Text that is a number of ours: a minus before it is no formula."""

    __slots__ = ()


def money(minor: int, currency: str) -> Number:
    """`-12.50`."""
    return Number(format_minor(minor, currency))


def rate(percent: Decimal) -> Number:
    """`19`, `5.5`."""
    return Number(f"{percent.normalize():f}")


def harmless(text: str) -> str:
    """The text; with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def line_of(cells: Iterable[object]) -> bytes:
    """One line with CRLF. None is an empty cell."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow([_cell(cell) for cell in cells])
    return out.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Number | int | date):
        return str(value)
    return harmless(str(value))

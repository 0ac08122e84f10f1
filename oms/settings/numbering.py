"""Numbers of papers that two formats would write alike. A number names one document of whoever bills (VAT directive, Art. 226 no. 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from oms.errors import Problem
from oms.ports.shop import LAST_NUMBER
from oms.settings.model import Store
from oms.settings.papers import Seller
from oms.settings.problems import OMS_TOML

_DIGITS, _FROM_ONE = "1234567890", "123456789"
_YEAR = ("2", "0", _DIGITS, _DIGITS)
"""Of this century."""
_PARTS = re.compile(r"(\{year\})|\{number(?::0([1-9])d)?\}|(.)")

Shape = tuple[str, ...]
"""The characters that may stand at each place."""


def numbers_given_twice(stores: Mapping[str, Store], sellers: Mapping[str, Seller]) -> Iterator[Problem]:
    """Formats of one seller, maybe of several stores, that some day write the same number."""
    known: list[tuple[str | None, str, tuple[Shape, ...]]] = []
    for name, of in stores.items():
        seller = sellers.get(name)
        who = seller.vat_id or seller.tax_number if seller else name
        for key, written in (("number_format", of.number_format), ("credit_note_format", of.credit_note_format)):
            place, shapes = f"stores.{name}.{key}", tuple(_shapes(written))
            yield from (_given_twice(place, twice, other) for whose, other, theirs in known if whose == who and (twice := _shared(theirs, shapes)))
            known.append((who, place, shapes))


def _given_twice(place: str, number: str, other: str) -> Problem:
    sentence = f"may write a number that {other} writes, such as {number}, and both are of one seller: give it a prefix of its own."
    return Problem(f"{OMS_TOML}: {place}", sentence)


def _shared(one: tuple[Shape, ...], other: tuple[Shape, ...]) -> str | None:
    """A number that both formats write; digits beside `{number}` may be read as part of it: `A1{number}` and `A{number}` write A11."""
    for mine, theirs in ((mine, theirs) for mine in one for theirs in other if len(mine) == len(theirs)):
        common = ["".join(each for each in here if each in there) for here, there in zip(mine, theirs, strict=True)]
        if all(common):
            return "".join(each[0] for each in common)
    return None


def _shapes(number_format: str) -> Iterator[Shape]:
    """How its numbers look, one for each count of digits that the running number may have: what is padded begins with 0 until it is full."""
    parts = list(_PARTS.finditer(number_format))
    least = next((int(part[2]) for part in parts if part[2]), 1)
    for count in range(least, len(str(LAST_NUMBER)) + 1):
        first = _DIGITS if 1 < count == least else _FROM_ONE
        running = (first, *[_DIGITS] * (count - 1))
        yield tuple(places for part in parts for places in (_YEAR if part[1] else (part[3],) if part[3] else running))

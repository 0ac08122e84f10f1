"""Reading one JSON object of a document: each key by its kind, every fault collected with its JSON pointer.

A fault yields a harmless value, so that reading goes on and the person sees all faults at once. `null` is the same as left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from oms.errors import Problem
from oms.money import parse_minor
from oms.orders.wording import clean_text, shown

NAME_LIMIT = 200
WORD_LIMIT = 64

_RATE = re.compile(r"\d{1,3}(\.\d{1,4})?", re.ASCII)
_EXCHANGE_RATE = re.compile(r"\d{1,6}(\.\d{1,10})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number", type(None): "null"}


class Section:
    """One object of the document. Every key that may stand in it is asked for; then `close()` names the others."""

    def __init__(self, value: object, where: str, problems: list[Problem], *, missing: bool = False) -> None:
        """Read `value`, which stands at the JSON pointer `where`; when it is missing, that has been said."""
        self.where = where
        self.problems = problems
        self._known: set[str] = set()
        self._values: Mapping[str, object] = {}
        self._readable = isinstance(value, Mapping)
        if isinstance(value, Mapping):
            self._values = value
        elif not missing:
            problems.append(Problem(where, f"must be an object {{…}}, found {kind_of(value)}."))

    def fault(self, key: str, sentence: str) -> None:
        """Note what is wrong with the value of a key."""
        self.problems.append(Problem(f"{self.where}/{key}", sentence))

    def get(self, key: str) -> object:
        """The raw value, None if there is none."""
        self._known.add(key)
        return self._values.get(key)

    def require(self, key: str, example: str) -> object:
        """The raw value; a fault if there is none."""
        value = self.get(key)
        if value is None and self._readable:
            self.fault(key, f'is missing: add "{key}": {example}.')
        return value

    def text(self, key: str, example: str, *, limit: int = NAME_LIMIT) -> str:
        """A text that must be there."""
        return self._text(key, self.require(key, f'"{example}"'), limit=limit) or ""

    def optional_text(self, key: str, *, limit: int = NAME_LIMIT, lines: bool = False) -> str | None:
        """A text that may be left out."""
        return self._text(key, self.get(key), limit=limit, lines=lines)

    def choice(self, key: str, among: Collection[str], *, default: str) -> str:
        """One of a few words."""
        value = self.get(key)
        if value is None or (isinstance(value, str) and value in among):
            return default if value is None else str(value)
        self.fault(key, f"must be one of {', '.join(among)}, found {shown(value)}.")
        return default

    def amount(self, key: str, currency: str, *, required: bool = True) -> int:
        """An amount of money, 0 or more, in minor units."""
        value = self.require(key, '"12.50"') if required else self.get(key)
        if value is None:
            return 0
        try:
            minor = parse_minor(value, currency) if isinstance(value, str) else None
        except ValueError as error:
            self.fault(key, f"{error} Found {shown(value)}.")
            return 0
        if minor is None:
            self.fault(key, f'money is a text, not {kind_of(value)}: write "{key}": "12.50".')
        elif minor < 0:
            self.fault(key, f"can't be negative, found {shown(value)}.")
        return max(minor or 0, 0)

    def rate(self, key: str, *, required: bool = True) -> Decimal | None:
        """A tax rate in percent."""
        value = self.require(key, '"19"') if required else self.get(key)
        if value is None:
            return None
        rate = Decimal(value) if isinstance(value, str) and _RATE.fullmatch(value) else None
        if rate is None or rate > 100:  # noqa: PLR2004 - percent
            self.fault(key, f'must be percent from 0 to 100 as a text, like "19" or "5.5", found {shown(value)}.')
            return None
        if 0 < rate < 1:
            self.fault(key, f'{shown(value)} is less than one percent: for {rate * 100:f} percent write "{(rate * 100).normalize():f}".')
            return None
        return Decimal(f"{rate.normalize():f}")

    def exchange_rate(self, key: str) -> Decimal | None:
        """What one unit of a currency costs in another; may be left out."""
        value = self.get(key)
        if value is None:
            return None
        rate = Decimal(value) if isinstance(value, str) and _EXCHANGE_RATE.fullmatch(value) else Decimal(0)
        if not rate:
            self.fault(key, f'must be more than 0, a text with at most 6 digits before and 10 after the dot, like "1.0832", found {shown(value)}.')
            return None
        return Decimal(f"{rate.normalize():f}")

    def whole(self, key: str, *, lowest: int, highest: int) -> int:
        """A whole number, strictly: no text, no 1.0, no true."""
        value = self.require(key, "1")
        if type(value) is int and lowest <= value <= highest:
            return value
        if value is not None:
            self.fault(key, f"must be a whole number from {lowest} to {highest}, found {shown(value)}.")
        return 0

    def day(self, key: str) -> date | None:
        """A date that may be left out."""
        value = self.get(key)
        try:
            if value is None:
                return None
            return date.fromisoformat(value if isinstance(value, str) and _DAY.fullmatch(value) else "")
        except ValueError:
            self.fault(key, f'must be a day of the calendar, like "2026-11-24", found {shown(value)}.')
            return None

    def data(self, key: str) -> Mapping[str, object]:
        """A free object, verbatim."""
        value = self.get(key)
        if value is None or isinstance(value, dict):
            return value or {}
        self.fault(key, f"must be an object {{…}}, found {kind_of(value)}.")
        return {}

    def section(self, key: str) -> Section | None:
        """An object that may be left out."""
        value = self.get(key)
        return None if value is None else Section(value, f"{self.where}/{key}", self.problems)

    def required_section(self, key: str, example: str) -> Section:
        """An object that must be there."""
        value = self.require(key, example)
        return Section(value, f"{self.where}/{key}", self.problems, missing=value is None)

    def sections(self, key: str, *, most: int) -> list[Section]:
        """A list of objects, empty if left out."""
        value = self.get(key)
        if value is None:
            return []
        if not isinstance(value, Sequence) or isinstance(value, str):
            self.fault(key, f"must be a list [{{…}}], found {kind_of(value)}.")
            return []
        if len(value) > most:
            self.fault(key, f"has {len(value)} entries, at most {most} are allowed.")
            return []
        return [Section(entry, f"{self.where}/{key}/{index}", self.problems) for index, entry in enumerate(value)]

    def close(self) -> None:
        """Refuse the keys that nobody asked for."""
        for key in self._values:
            if key not in self._known:
                near = get_close_matches(key[:NAME_LIMIT], self._known, n=1)
                hint = f', did you mean "{near[0]}"?' if near else f". Known: {', '.join(sorted(self._known))}."
                self.problems.append(Problem(self.where, f"unknown key {shown(key)}{hint}"))

    def _text(self, key: str, value: object, *, limit: int, lines: bool = False) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(key, f"must be a text, found {kind_of(value)}.")
            return None
        try:
            return clean_text(value, limit=limit, lines=lines)
        except ValueError as error:
            self.fault(key, str(error))
            return None


def kind_of(value: object) -> str:
    """A value's JSON kind, in words."""
    return _KINDS.get(type(value), type(value).__name__)

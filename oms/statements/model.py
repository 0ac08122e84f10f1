"""One entry of a bank account, and the reference under which it is known for ever. What it pays is not known here."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from oms.errors import InvalidInput, Problem
from oms.money import decimals_of, is_currency, parse_minor

LARGEST = 10 * 1024 * 1024
"""Bytes of a file."""
MOST = 10_000
"""Entries of a file."""
LONGEST = 1_000
"""Characters that are kept of a text."""
LONGEST_REFERENCE = 100
"""Characters of what a bank calls an entry; ISO 20022 has 35."""

_NOTHING = frozenset({"", "NONREF", "NOTPROVIDED", "NOT PROVIDED", "NONE", "UNKNOWN"})
"""What banks write where there is nothing to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Money that an account has got, or another entry, which says why it pays nothing."""

    place: str  #: where it stands in the file: `line 3`, `entry 3`, of a batch `entry 3.2`
    booked_on: date
    amount_minor: int  #: 0 or more; whether it goes out is said by `skipped`
    currency: str
    text: str  #: what the payer wrote
    payer: str = ""
    account: str = ""  #: the shop's own: an IBAN, or what the bank calls it
    order: str = ""  #: the reference of the order, where the file has a column for it
    reference: str = ""  #: the bank's own of the entry; empty until `known` has made one
    skipped: str | None = None  #: why it is no payment


def known(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries of one statement, each with a reference that is the same whenever a statement holds it again.

    Where the bank gives none, it is a hash of the entry's own fields, and its number among those that are alike.
    """
    alike: Counter[tuple[object, ...]] = Counter()
    for entry in entries:
        if given(entry.reference):
            yield entry
            continue
        fields = (entry.account, entry.booked_on, entry.amount_minor, entry.currency, entry.text, entry.payer, entry.order)
        alike[fields] += 1
        said = "\x1f".join(map(str, (*fields, alike[fields])))
        yield replace(entry, reference=f"{entry.booked_on}/{hashlib.sha256(said.encode()).hexdigest()[:24]}")


def given(reference: str) -> bool:
    """Whether this is a reference, and not what banks write for want of one."""
    return reference.upper() not in _NOTHING


def cleaned(text: str | None, *, limit: int = LONGEST) -> str:
    """On one line, in NFC, without what steers a terminal."""
    if not text:
        return ""
    plain = "".join(" " if unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"} else each for each in unicodedata.normalize("NFC", text))
    return " ".join(plain.split())[:limit]


def minor_of(number: str, currency: str) -> int:
    """`168.8`, `168.80000` as minor units, without a sign.

    Raises:
        ValueError: it is no amount of this currency. Its text says why.
    """
    if not is_currency(currency):
        raise ValueError(f'has the currency "{currency[:10]}", which ISO 4217 does not have.')
    if number.startswith("-"):
        raise ValueError("has an amount below 0: whether money comes or goes stands beside it.")
    whole, dot, fraction = number.partition(".")
    kept = fraction.rstrip("0")
    padded = kept.ljust(min(len(fraction), decimals_of(currency)), "0")
    return parse_minor(f"{whole}{dot if padded else ''}{padded}", currency)


def wrong(sentence: str, *, place: str = "file") -> InvalidInput:
    """A fault of the file."""
    return InvalidInput([Problem(place, sentence)])

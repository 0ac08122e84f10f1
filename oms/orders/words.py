"""The words by which people look for an order: what its reference, customer and mail address begin with, whatever their case and accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 64
"""Characters of a word that count."""
MOST = 40
"""Words of one order."""

_BREAKS = re.compile(r"[^\w]+")


def words_of(reference: str, name: str, email: str | None) -> list[str]:
    """What an order is found by: the whole reference and address, and each of their words and of the name's."""
    domain = (email or "").partition("@")[2]
    found = dict.fromkeys([*_whole(reference), *_whole(email or ""), *_whole(domain), *_parts(reference), *_parts(name), *_parts(email or "")])
    return list(found)[:MOST]


def wanted_words(text: str) -> list[str]:
    """What somebody types who looks for orders: each word must be the beginning of one of the order's."""
    return [word for part in text.split() for word in _whole(part)][:10]


def plain(text: str) -> str:
    """Without accents and capitals: `Müller` is `muller`, `Straße` is `strasse`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _whole(text: str) -> Iterator[str]:
    if word := plain(text).strip()[:LONGEST]:
        yield word


def _parts(text: str) -> Iterator[str]:
    return (word[:LONGEST] for word in _BREAKS.split(plain(text)) if word)

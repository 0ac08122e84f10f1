"""What the house says, in the reader's language.

A sentence is said in English where something goes wrong, and kept so: in errors, in the history, with jobs and incidents. A page says it in its
reader's language by `templates/backoffice/sentences.de.toml`, which pairs the English sentence, with `{places}` for what varies, with its own.
`sentences.en.toml` holds those that name a command: who reads pages has no shell, and is told the button.
What isn't there stays as it was said: the words of a mail server, of a person, of a shop's own command.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache, partial
from string import Formatter

from markupsafe import Markup

from oms.documents.words import FALLBACK, read_words
from oms.resources import resource_folder

LONGEST = 4_000
"""Characters; what is longer is no sentence."""
DEEPEST = 3
"""Sentences within sentences."""


def sentence_in(locale: str, text: str) -> str:
    """The text in a language, as far as the catalogue has it."""
    return _found(locale, text, DEEPEST) or text


def teller(locale: str) -> Callable[[str], str]:
    """For templates: the text, marked as English where it is."""
    return partial(_told, locale)


def _told(locale: str, text: str) -> str:
    said = _found(locale, text, DEEPEST)
    if not text or (said is not None and locale != FALLBACK):
        return said or text
    marked: str = Markup('<span lang="{}">{}</span>').format(FALLBACK, said or text)
    return marked


@lru_cache(maxsize=4096)
def _found(locale: str, text: str, deep: int) -> str | None:
    """Whole, else line by line, else what follows the place of a fault: `line 3: …`."""
    if (said := _whole(locale, text, deep)) is not None or not deep:
        return said
    if "\n" in text:
        lines = [(line, _found(locale, line, deep - 1)) for line in text.split("\n")]
        return "\n".join(said or line for line, said in lines) if any(said for _, said in lines) else None
    where, colon, rest = text.partition(": ")
    said = _whole(locale, rest, deep) if colon else None
    return said and f"{_whole(locale, where, deep) or where}: {said}"


def _whole(locale: str, text: str, deep: int) -> str | None:
    for pattern, said in _catalogue(locale) if len(text) <= LONGEST else ():
        if found := pattern.fullmatch(text):
            return said.format(**{name: _within(locale, value, deep) for name, value in found.groupdict().items()})
    return None


def _within(locale: str, value: str, deep: int) -> str:
    """A sentence within a sentence is translated, too, and a list of them; one word is a name."""
    if not deep or " " not in value:
        return value
    for mark in ("; ", ", "):
        listed = [_found(locale, each, deep - 1) for each in value.split(mark)]
        if len(listed) > 1 and all(listed):
            return mark.join(filter(None, listed))
    return _found(locale, value, deep - 1) or value


@cache
def _catalogue(locale: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """English patterns and what they are there; the one that says most comes first."""
    said = read_words(resource_folder("templates") / "backoffice" / f"sentences.{locale}.toml")
    known = sorted(said, key=lambda english: -sum(len(text) for text, *_ in Formatter().parse(english)))
    return tuple((re.compile(_pattern(english), re.DOTALL), said[english]) for english in known)


def _pattern(english: str) -> str:
    """A place takes as little as it can, once and for all, and the last one the rest: whatever a text holds, it is read in one go."""
    parts = [(text, name) for text, name, *_ in Formatter().parse(f"{english}{{}}")]
    texts, places = [text for text, _ in parts], [name for _, name in parts if name]
    taken = (f"(?>(?P<{name}>.+?){re.escape(text)})" for name, text in zip(places[:-1], texts[1:], strict=False))
    last = f"(?P<{places[-1]}>.+){re.escape(texts[-1])}" if places else ""
    return re.escape(texts[0]) + "".join(taken) + last

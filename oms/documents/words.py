"""The words of a paper in one language: `words.de.toml` beside its template. A table in it holds what a kind of paper says otherwise."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from oms.errors import InvalidTemplate, Problem

FALLBACK = "en"


def load_words(folders: Sequence[Path], kind: str, locale: str, *, paper: str | None = None) -> dict[str, str]:
    """The words for a locale: those of `de-AT` over those of `de`; the shop's over the shipped ones, word by word.

    A word that a language lacks is English, such as one that a shop brought for its own paper and said in its own languages only.

    Args:
        folders: The shop's first.
        kind: The folder in them: `invoices`, `papers`, `mails`.
        locale: Of the reader.
        paper: The words of the table of that name win, such as `credit_note`.

    Raises:
        InvalidTemplate: a file is no TOML.
    """
    words: dict[str, str] = {}
    for tongue in dict.fromkeys((FALLBACK, locale[:2], locale.replace("_", "-"))):
        said: dict[str, str] = {}
        for folder in reversed(folders):
            said |= read_words(folder / kind / f"words.{tongue}.toml")
        words |= said
    return _of_paper(words, paper)


def read_words(path: Path) -> dict[str, str]:
    """One file's words; none if it isn't there. Those of a table are called `table.word`.

    Raises:
        InvalidTemplate: it is no TOML, or a word is no text.
    """
    try:
        words = dict(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidTemplate([Problem(str(path), f"is no TOML: {error}")]) from error
    problems = [Problem(str(path), f'{name} must be text, like {name} = "…".') for name, word in words.items() if not isinstance(word, str)]
    if problems:
        raise InvalidTemplate(problems)
    return {name: str(word) for name, word in words.items()}


def read_words_of(folder: Path) -> set[str]:
    """The names of all words of a folder, in whatever language. A file that can't be read has none: that is said elsewhere."""
    names: set[str] = set()
    for path in folder.glob("words.*.toml"):
        with suppress(InvalidTemplate):
            names |= read_words(path).keys()
    return names


def _flat(table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, word in table.items():
        if isinstance(word, dict):
            yield from ((f"{name}.{inner}", each) for inner, each in word.items())
        else:
            yield name, word


def _of_paper(words: Mapping[str, str], paper: str | None) -> dict[str, str]:
    of_all = {name: word for name, word in words.items() if "." not in name}
    return of_all | {name.removeprefix(f"{paper}."): word for name, word in words.items() if name.startswith(f"{paper}.")}

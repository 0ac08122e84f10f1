"""The words of a paper in one language: `words.de.toml` beside its template."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from oms.errors import InvalidTemplate, Problem

FALLBACK = "en"


def load_words(folders: Sequence[Path], kind: str, locale: str) -> dict[str, str]:
    """The words for a locale: those of `de-AT` over those of `de`; the shop's over the shipped ones, word by word.

    A language nobody wrote words for is English as a whole: half a paper in each language would be worse.

    Raises:
        InvalidTemplate: a file is no TOML.
    """
    for tongues in ((locale[:2], locale.replace("_", "-")), (FALLBACK,)):
        words: dict[str, str] = {}
        for tongue in dict.fromkeys(tongues):
            for folder in reversed(folders):
                words |= read_words(folder / kind / f"words.{tongue}.toml")
        if words:
            return words
    return {}


def read_words(path: Path) -> dict[str, str]:
    """One file's words; none if it isn't there.

    Raises:
        InvalidTemplate: it is no TOML, or a word is no text.
    """
    try:
        words = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidTemplate([Problem(str(path), f"is no TOML: {error}")]) from error
    problems = [Problem(str(path), f'{name} must be text, like {name} = "…".') for name, word in words.items() if not isinstance(word, str)]
    if problems:
        raise InvalidTemplate(problems)
    return words

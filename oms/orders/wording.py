"""What may stand in a text that people read: names, streets, remarks. They end in mails, papers, logs and terminals.

Sentences of the errors are for the person who wrote the document; what was found is echoed escaped and cut (see `shown`).
"""

from __future__ import annotations

import json
import re
import unicodedata

MARKS = 10
"""Combining marks that one character may carry: more is no script, but a mess over the lines above."""

_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
"""Zero width, no meaning in any script: dropped, so that two texts that look the same are the same."""

_REFUSED = re.compile("[\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Line ends that few programs know, and switches of direction that make a text read other than it is."""

_JOINER = "\u200d"
_MODIFIERS = re.compile("[\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]")
_ECHO = 80


def shown(value: object) -> str:
    """What was found, escaped and at most 80 characters long: a message must not carry a page, a terminal's codes or a secret."""
    text = json.dumps(value, default=str)
    return text if len(text) <= _ECHO else text[: _ECHO - 1] + "…"


def clean_text(text: str, *, limit: int, lines: bool = False) -> str:
    """The text in NFC, without invisible characters and blanks around it.

    Args:
        text: As it came.
        limit: So many characters as a reader counts them.
        lines: It may have several; they end in a line feed.

    Raises:
        ValueError: it is empty, too long, or holds what no name holds; its text says which.
    """
    if len(text) > limit * (MARKS + 2):
        raise ValueError(f"is longer than {limit} characters.")
    if text.isascii() and text.isprintable() and 0 < len(plain := text.strip()) <= limit:
        return plain  # as most are: nothing of what follows can be wrong with it
    cleaned = _INVISIBLE.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n") if lines else text)).strip()
    if not cleaned:
        raise ValueError("is empty.")
    for character in cleaned:
        if (unicodedata.category(character) == "Cc" and not (lines and character == "\n")) or _REFUSED.match(character):
            raise ValueError(f"holds the control character U+{ord(character):04X}: remove it.")
    if _longest_stack(cleaned) > MARKS:
        raise ValueError(f"has more than {MARKS} combining marks on one character.")
    if _length(cleaned) > limit:
        raise ValueError(f"is longer than {limit} characters.")
    return cleaned


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me"}


def _longest_stack(text: str) -> int:
    longest = stack = 0
    for character in text:
        stack = stack + 1 if _is_mark(character) else 0
        longest = max(longest, stack)
    return longest


def _length(text: str) -> int:
    """Characters as people count them, nearly: é, a flag, a family are one each."""
    if text.isascii():
        return len(text)
    flags = len(_FLAGS.findall(text))
    parts = sum(1 for character in text if _is_mark(character) or _MODIFIERS.match(character))
    return len(text) - parts - flags // 2 - 2 * text.count(_JOINER)

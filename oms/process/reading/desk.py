"""What is noted while one file is read, and how the values in it are read. Every fault becomes a finding; reading goes on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from oms.process.durations import LONGEST, parse_duration
from oms.process.findings import Finding, Place, did_you_mean, found
from oms.process.model import Titles
from oms.process.reading.nodes import Items, Node, Table, Text, read_otherwise
from oms.process.vocabulary import Vocabulary

LONGEST_NAME = 100
"""Characters of the name of a state, event or flag."""

_LOCALE = re.compile(r"[a-z]{2,3}([-_][A-Za-z]{4})?([-_][A-Z]{2})?")
_WHOLE = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)

Named = Literal["state", "event", "flag"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A name that the process must define somewhere."""

    kind: Named
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the reader of one file notes what it found and which names it met."""

    vocabulary: Vocabulary
    findings: list[Finding] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)

    def report(self, code: str, place: Place, sentence: str, *, hint: str = "") -> None:
        """Note a finding."""
        self.findings.append(found(code, place, sentence, hint=hint))

    def wrong_type(self, node: Node, what: str, *, expected: str, hint: str = "") -> None:
        """Note that a value is something else than it must be."""
        self.report("OMS002", node.place, f"{what} must be {expected}, found {described(node)}.", hint=hint)

    def text(self, node: Node, what: str) -> str | None:
        """A text; numbers are taken as they are written."""
        if not isinstance(node, Text) or not node.is_text:
            hint = f'write "{node.text}" in quotes' if isinstance(node, Text) and node.text else ""
            self.wrong_type(node, what, expected="text", hint=hint)
            return None
        self.findings.extend(read_otherwise(node))
        return node.text

    def name(self, node: Node, what: str) -> str | None:
        """The name of a state, event, flag or field (semantics 12)."""
        text = self.text(node, what)
        return text if text is not None and self.is_name(text, node.place) else None

    def is_name(self, text: str, place: Place) -> bool:
        """Whether a text may be a name; reports why not."""
        if not unicodedata.is_normalized("NFC", text):
            self.report("OMS012", place, f'The name "{text}" is not in the composed Unicode form (NFC).', hint="type it again")
        elif not text.strip() or text != text.strip() or not text.isprintable() or len(text) > LONGEST_NAME:
            self.report("OMS002", place, f"A name has 1 to {LONGEST_NAME} printable characters and no blank at either end.")
        elif text.startswith("__"):
            self.report("OMS002", place, f'The name "{text}" begins with "__", which the history keeps for itself.')
        else:
            return True
        return False

    def mention(self, node: Node, kind: Named) -> str | None:
        """A name that must be defined somewhere in the process."""
        name = self.name(node, f"The name of {_ARTICLE[kind]} {kind}")
        if name is not None:
            self.mentions.append(Mention(kind, name, node.place))
        return name

    def one_of(self, node: Node, words: Iterable[str], *, what: str) -> str | None:
        """One of a few words."""
        text, words = self.text(node, what), tuple(words)
        if text is None or text in words:
            return text
        self.report("OMS002", node.place, f'{what} can\'t be "{text}".', hint=did_you_mean(text, words))
        return None

    def yes(self, node: Node, what: str) -> bool:
        """`true` or `false`."""
        if isinstance(node, Text) and node.plain and node.text in {"true", "false"}:
            return node.text == "true"
        self.wrong_type(node, what, expected="true or false", hint="YAML 1.2 knows true and false, without quotes")
        return False

    def whole(self, node: Node, what: str) -> int | None:
        """A whole number from 0, written with digits only."""
        if isinstance(node, Text) and node.plain and _WHOLE.fullmatch(node.text):
            return int(node.text)
        self.wrong_type(node, what, expected="a whole number such as 8")
        return None

    def duration(self, node: Node) -> timedelta | None:
        """A duration; rule 050."""
        if not isinstance(node, Text):
            self.wrong_type(node, "A duration", expected="text such as 3d")
            return None
        try:
            return parse_duration(node.text)
        except ValueError:
            hint = f"use 30s, 15m, 2h, 10d, 2w or a sum such as 1d 12h; at most {LONGEST.days}d"
            self.report("OMS050", node.place, f'"{node.text}" is no duration.', hint=hint)
            return None

    def listed(self, node: Node, what: str) -> tuple[Node, ...]:
        """The entries of a list."""
        if isinstance(node, Items):
            return node.items
        self.wrong_type(node, what, expected="a list", hint=f"write [{node.text}]" if isinstance(node, Text) and node.text else "")
        return ()

    def titles(self, node: Node) -> Titles:
        """A title: text, or locale to text."""
        if not isinstance(node, Table):
            text = self.text(node, "A title")
            return MappingProxyType({} if text is None else {"": text})
        titles = {locale: self.text(value, "A title") for locale, value in node.values.items()}
        for locale, key in node.keys.items():
            if not _LOCALE.fullmatch(locale):
                self.report("OMS002", key.place, f'"{locale}" is no locale.', hint="write {en: …, de: …}")
        return MappingProxyType({locale: text for locale, text in titles.items() if text is not None})


_ARTICLE = {"state": "a", "event": "an", "flag": "a"}


def described(node: Node) -> str:
    """What a node is, for a sentence."""
    if isinstance(node, Text):
        return f'"{node.text}"' if node.text else "nothing"
    return "a list" if isinstance(node, Items) else "a mapping"

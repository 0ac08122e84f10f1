"""Finds the fenced blocks of a Markdown document and says what is to be done with each.

A block is executed by its language:

    sh        a piece of one shell session a document: `cd` and variables stay, the first command that fails ends it
    console   lines that begin with `$ ` are executed, the others are what they must print, in order; `…` stands for anything
              `$ oms … # exits with 1` says that a command fails, and how
    python    a script
    diff      a change to the files of the clone
    yaml      a process (it has the key `process`) becomes processes/NAME.yaml and must pass `oms check`; anything else must be YAML
    toml, json, xml, mermaid, text … are only shown; the first three must be well-formed

With `title="PATH"` after the language a block of any language is written to that file, as the text beside it says that the reader does.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,}) *(?P<info>[^`]*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    document: str
    line: int  #: of its first line inside the fence, from 1
    language: str  #: lower case, "" if none is named
    title: str | None
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a console block."""

    text: str
    shown: tuple[str, ...]  #: the output that the document shows
    code: int


def blocks_of(path: Path, *, name: str) -> list[Block]:
    """All blocks of the document, in order."""
    return list(_blocks(path.read_text(encoding="utf-8").splitlines(), name))


def _blocks(lines: list[str], document: str) -> Iterator[Block]:
    opened, inside, first = None, list[str](), 0
    for number, line in enumerate(lines, start=1):
        fence = _FENCE.match(line)
        if opened is None:
            if fence:
                opened, inside, first = fence, [], number + 1
        elif fence and not fence["info"].strip() and fence["fence"].startswith(opened["fence"]):
            yield _block(document, first, opened["info"], inside)
            opened = None
        else:
            inside.append(line.removeprefix(opened["indent"]))
    if opened:
        raise ValueError(f"{document}:{first - 1}: this fence is never closed")


def _block(document: str, line: int, info: str, inside: list[str]) -> Block:
    language, *rest = shlex.split(info) or [""]
    title = next((word.removeprefix("title=") for word in rest if word.startswith("title=")), None)
    return Block(document, line, language.lower(), title, "".join(f"{text}\n" for text in inside))


def commands_of(block: Block) -> list[Command]:
    """The commands of a console block. Lines that begin with `> ` go on with the command above."""
    commands: list[tuple[list[str], list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            commands.append(([line[2:]], []))
        elif not commands:
            raise ValueError(f'{block}: a console block begins with a command: "$ …"')
        elif line.startswith("> ") and not commands[-1][1]:
            commands[-1][0].append(line[2:])
        else:
            commands[-1][1].append(line)
    return [_command("\n".join(text), shown) for text, shown in commands]


def _command(text: str, shown: list[str]) -> Command:
    code = re.search(r"#\s*exits? with (\d+)", text)
    return Command(text, tuple(shown), int(code[1]) if code else 0)


def first_missing(shown: tuple[str, ...], printed: list[str]) -> str | None:
    """The first shown line that is not printed after the lines before it, or None."""
    rest = iter([line.rstrip() for line in printed])
    for line in shown:
        pattern = re.compile(".*".join(re.escape(part) for part in re.split(r"…|\.\.\.", line.rstrip())))
        if line.strip() and not any(pattern.fullmatch(candidate) for candidate in rest):
            return line
    return None

"""How answers leave: as text for people, or as JSON for programs. Works at 80 columns; colour only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from oms.engine.waiting import roughly
from oms.lookup.plain import to_json
from oms.money import format_minor

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
"""Every command has it."""


def show(plain: object, *text: RenderableType, as_json: bool) -> None:
    """Print an answer.

    Args:
        plain: The answer as data; see `to_json`.
        text: The same for people, one after the other.
        as_json: Whether a program reads it.
    """
    if as_json:
        sys.stdout.write(f"{to_json(plain, indent=2)}\n")
        return
    console = console_for(sys.stdout)
    for each in text:
        console.print(_clean(each), soft_wrap=isinstance(each, str | Text) and not console.is_terminal)


def console_for(file: Any) -> Console:
    """A console that takes every text as it is. What is not read on a terminal has whole sentences on one line."""
    return Console(file=file, markup=False, highlight=False, emoji=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> Table:
    """A list for people. A heading that begins with `>` is one of figures, with `=` one of words that are not broken at 80 columns."""
    made = Table(box=None, show_header=any(columns), pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        figures, whole = column.startswith(">"), column.startswith("=")
        made.add_column(column.lstrip(">="), justify="right" if figures else "left", overflow="ellipsis" if whole else "fold", no_wrap=whole)
    for row in rows:
        made.add_row(*map(_clean, row))
    return made


def section(title: str, *parts: RenderableType) -> Iterable[RenderableType]:
    """A heading, and what stands below it."""
    yield Text(f"\n{title}", style="bold")
    yield from (Padding(_clean(part), (0, 0, 0, 2), expand=False) for part in parts)


def _clean(part: RenderableType) -> RenderableType:
    """Without the characters that would steer a terminal: names and answers of servers come from outside."""
    if isinstance(part, str):
        return part.translate(_STEERING)
    if isinstance(part, Text):
        part.plain = part.plain.translate(_STEERING)
    return part


_STEERING = dict.fromkeys([*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0)], "\N{REPLACEMENT CHARACTER}")


def money(minor: int, currency: str) -> str:
    """`168.80 EUR`."""
    return f"{format_minor(minor, currency)} {currency}"


def when(at: datetime, zone: str) -> str:
    """A moment as the clock of the shop shows it: `2026-11-25 10:00`."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def coming(at: datetime, zone: str, *, now: datetime) -> str:
    """`2026-11-28 10:00, in 3d`, or `…, now`."""
    return f"{when(at, zone)}, {f'in {roughly(at - now)}' if at > now else 'now'}"


def counted(number: int, what: str, several: str | None = None) -> str:
    """`1 item`, `2 items`; `several` is said when an s is not enough."""
    return f"{number} {what if number == 1 else several or f'{what}s'}"

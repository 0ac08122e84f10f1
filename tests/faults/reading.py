"""Reads a shop's database past oms: by the driver alone, at the address that stands in its config/oms.toml."""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

Question = Callable[[str], tuple[Sequence[str], list[tuple[Any, ...]]]]
"""Names of columns, and rows."""


@contextmanager
def reading(folder: Path) -> Iterator[Question]:
    """Asks in SQL that both databases understand."""
    url = str(tomllib.loads((folder / "config" / "oms.toml").read_text("utf-8"))["database"]["url"])
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(folder / url.removeprefix("sqlite:///"))) as file:
            yield lambda question: _answer(file.execute(question))
    else:
        with psycopg.connect(url, options="-c search_path=oms,procrastinate", autocommit=True) as server:
            yield lambda question: _answer(server.execute(question))


def is_a_file(folder: Path) -> bool:
    """Whether it is SQLite."""
    return "sqlite:///" in (folder / "config" / "oms.toml").read_text("utf-8")


def ask(folder: Path, question: str) -> list[tuple[Any, ...]]:
    """What stands in the database."""
    with reading(folder) as answer:
        return answer(question)[1]


def _answer(cursor: Any) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    if cursor.description is None:
        return (), []
    return [column[0] for column in cursor.description], [tuple(row) for row in cursor.fetchall()]

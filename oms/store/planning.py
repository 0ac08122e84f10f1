"""A word to SQLite's planner, which knows nothing of how many rows fit: it would sort all rows of a store rather than walk the newest fifty."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Unindexed(FunctionElement[str]):
    """A column of text for whose value no index is asked. A server decides itself: it has counted."""

    name = "unindexed"
    type = Text()
    inherit_cache = True


@compiles(Unindexed)
def _plain(element: Unindexed, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses, **how)


@compiles(Unindexed, "sqlite")
def _with_plus(element: Unindexed, compiler: SQLCompiler, **how: Any) -> str:
    return f"+{compiler.process(element.clauses, **how)}"

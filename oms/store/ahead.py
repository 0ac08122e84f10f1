"""All that is kept of one order, in one question: for each statement its rows, as JSON.

Whoever asks for one of them afterwards, in the same transaction, gets what is known (`oms.store.access`). For transactions that only read.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select

from oms.store.prepared import prepared
from oms.store.wire import Wire

Statements = tuple[Select[Any], ...]
_WANTED = ("wanted",)


def read_ahead(wire: Wire, statements: Statements, wanted: int) -> None:
    """Ask all of them for one value of `wanted`, the only parameter that they have."""
    dialect = wire.connection.dialect
    (found,) = prepared(_together(statements, is_far=wire.is_far), _WANTED, dialect).rows(wire, {"wanted": wanted})
    for statement, rows in zip(statements, found, strict=True):
        listed = json.loads(rows) if isinstance(rows, str) else rows or []
        wire.known[statement, wanted] = prepared(statement, _WANTED, dialect).read(listed)


@lru_cache(maxsize=100)
def _together(statements: Statements, *, is_far: bool) -> Select[Any]:
    """One row with a list of rows for each. Both databases aggregate a subquery's rows in its order."""
    row, rows = (func.json_build_array, func.json_agg) if is_far else (func.json_array, func.json_group_array)
    parts = [statement.subquery() for statement in statements]
    return select(*(select(rows(row(*part.c))).scalar_subquery().label(f"part_{place}") for place, part in enumerate(parts)))

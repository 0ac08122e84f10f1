"""How the store's parts reach the database: one wire, Core statements that are built once, at import."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy.engine.interfaces import DBAPICursor

from oms.store.prepared import Prepared, Statement, Values, prepared
from oms.store.wire import Wire

_AT_ONCE = 250
"""Words of a list that are asked for at once."""
NOTHING: Values = MappingProxyType({})


class Access:
    """A part of the store, bound to the wire of one transaction."""

    __slots__ = ("_wire",)

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def _run(self, statement: Statement, values: Values | list[Values] = NOTHING) -> DBAPICursor:
        """Execute, for a sequence once with each of it. Returns the driver's cursor, for its `rowcount`."""
        cursor = self._prepared(statement, values).run(self._wire, values)
        self._wire.has_changed |= cursor.rowcount != 0
        return cursor

    def _run_later(self, statement: Statement, values: Values | list[Values]) -> None:
        """The same, but nobody asks what came of it: a server is told together with what follows."""
        self._wire.has_changed = True
        self._prepared(statement, values).run_later(self._wire, values)

    def _insert(self, statement: Statement, values: Values) -> int:
        """Returns the id of the new row; 0: ON CONFLICT found one that is there already."""
        number = self._prepared(statement, values).insert(self._wire, values)
        self._wire.has_changed |= number != 0
        return number

    def _all(self, statement: Statement, values: Values = NOTHING) -> Sequence[Any]:
        """All rows; without asking, if they were read ahead."""
        known = self._wire.known.get((statement, values.get("wanted"))) if self._wire.known else None
        if known is not None:
            return known
        rows = self._prepared(statement, values).rows(self._wire, values)
        self._wire.has_changed |= not statement.is_select and bool(rows)
        return rows

    def _all_of(self, statement: Statement, these: Sequence[str]) -> list[Any]:
        """All rows for a list of words, `these`; asked for in parts of one length, so that a text is compiled once."""
        parts = [these[first : first + _AT_ONCE] for first in range(0, len(these), _AT_ONCE)]
        return [row for part in parts for row in self._all(statement, {"these": [*part, *[""] * (_AT_ONCE - len(part))]})]

    def _first(self, statement: Statement, values: Values = NOTHING) -> Any:
        """The first row, or None."""
        rows = self._all(statement, values)
        return rows[0] if rows else None

    def _one(self, statement: Statement, values: Values) -> Any:
        """The only row."""
        (row,) = self._all(statement, values)
        return row

    def _prepared(self, statement: Statement, values: Values | list[Values]) -> Prepared:
        names = tuple(values[0] if isinstance(values, list) else values)
        return prepared(statement, names, self._wire.connection.dialect)

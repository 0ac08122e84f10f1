"""How the store's parts reach the database: one connection, Core statements that are built once, at import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlalchemy.engine import Connection


class Access:
    """A part of the store, bound to the connection of one transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _run(self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None) -> CursorResult[Any]:
        """Every statement of the store passes here."""
        return self._connection.execute(statement, parameters)

    def _insert(self, statement: Executable, values: Mapping[str, Any]) -> int:
        """Returns the id of the new row."""
        key: Any = self._run(statement, values).inserted_primary_key
        return int(key[0])

    def _first(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first row, or None."""
        return self._run(statement, parameters).first()

    def _all(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """All rows."""
        return self._run(statement, parameters).all()

    def _one(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Any:
        """The only row."""
        return self._run(statement, parameters).one()

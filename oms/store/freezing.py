"""A file whose shop has moved to a server: it refuses every change, whoever has it open, and says where the shop is now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, MetaData, String, Table, insert, inspect, select, text
from sqlalchemy.engine import Connection

from oms.store.driver import MOVED
from oms.store.tables import METADATA

_MOVED = Table("moved", MetaData(), Column("copy", String), Column("target", String))
"""One row, in a file that is frozen."""


@dataclass(frozen=True, slots=True)
class Move:
    """Which copy the file is frozen for."""

    copy: str  #: its name, which the server's database bears, too
    target: str  #: the address, without a password


def move_of(connection: Connection) -> Move | None:
    """Where the shop of this file has moved, or is moving; None: it is here."""
    if not inspect(connection).has_table(_MOVED.name):
        return None
    return Move(*connection.execute(select(_MOVED)).one())


def freeze(connection: Connection, move: Move) -> None:
    """From this transaction's end on nothing in the file changes any more."""
    _MOVED.create(connection)
    connection.execute(insert(_MOVED), {"copy": move.copy, "target": move.target})
    sentence = f"{MOVED} {move.target}: name that as database.url".replace("'", "''")
    for name, table, what in _refusals():
        connection.exec_driver_sql(f'CREATE TRIGGER "{name}" BEFORE {what} ON "{table}" BEGIN SELECT RAISE(ABORT, \'{sentence}\'); END')


def thaw(connection: Connection) -> None:
    """The shop is here again."""
    for name, _, _ in _refusals():
        connection.execute(text(f'DROP TRIGGER IF EXISTS "{name}"'))
    _MOVED.drop(connection)


def _refusals() -> Iterator[tuple[str, str, str]]:
    for table in METADATA.tables:
        yield from ((f"{table}_moved_{what.lower()}", table, what) for what in ("INSERT", "UPDATE", "DELETE"))

"""Copies tables from one database to another, row by row in the order of their keys, so that whoever was interrupted goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from typing import Any

from sqlalchemy import Engine, Select, String, Table, func, insert, select
from sqlalchemy.engine import Connection

from oms.failpoints import reach
from oms.store.tables import METADATA

BATCH = 1_000
"""Rows in one transaction."""
NOT_COPIED = frozenset({"state_count", "worker"})
FORGOTTEN = {"job": {"rung_at": None}}
"""Columns that mean nothing elsewhere: nobody was rung for there yet."""

Tell = Callable[[str, int], None]
"""Is told of each table, and how many of its rows are there."""


def tables() -> list[Table]:
    """All that is copied; whatever a table refers to comes before it."""
    return [table for table in METADATA.sorted_tables if table.name not in NOT_COPIED]


def copy_tables(source: Engine, target: Engine, *, tell: Tell) -> dict[str, int]:
    """Copy what isn't there yet. Nobody else writes to either.

    Returns:
        Table to its number of rows.
    """
    rows = {}
    for table in tables():
        rows[table.name] = _copy(source, target, table, tell)
        reach("copy.after_table")
    return rows


def _copy(source: Engine, target: Engine, table: Table, tell: Tell) -> int:
    with target.connect() as there:
        done = int(there.execute(select(func.count()).select_from(table)).scalar_one())
    with source.connect() as here:
        rows = here.execution_options(yield_per=BATCH).execute(_in_order(table, "sqlite").limit(-1).offset(done))
        for batch in rows.mappings().partitions(BATCH):
            with target.begin() as there:
                there.execute(insert(table), [{**row, **FORGOTTEN.get(table.name, {})} for row in batch])
            done += len(batch)
            tell(table.name, done)
    return done


def differences(source: Engine, target: Engine, *, besides: Collection[str]) -> Iterator[str]:
    """A sentence for each table that isn't the same on both sides, by the number of rows and a hash over all that they hold.

    Args:
        source: From where.
        target: To where.
        besides: Tables that are not looked at.
    """
    for table in (each for each in tables() if each.name not in besides):
        with source.connect() as here, target.connect() as there:
            (mine, my_hash), (its, its_hash) = _fingerprint(here, table), _fingerprint(there, table)
        if (mine, my_hash) != (its, its_hash):
            yield f"{table.name} has {its} rows there and {mine} here{', and they differ' if mine == its else ''}."


def _fingerprint(connection: Connection, table: Table) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    dropped = FORGOTTEN.get(table.name, {})
    for row in connection.execution_options(yield_per=BATCH).execute(_in_order(table, connection.dialect.name)).mappings():
        plain = [value for name, value in row.items() if name not in dropped]
        digest.update(json.dumps(plain, default=_plainly, ensure_ascii=False).encode() + b"\n")
        count += 1
    return count, digest.hexdigest()


def _plainly(value: Any) -> str:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes | memoryview) else str(value)


def _in_order(table: Table, dialect: str) -> Select[Any]:
    """By key; texts by their bytes on both sides, for a server may sort them as its language does."""
    bytewise = "C" if dialect == "postgresql" else "BINARY"
    keys = table.primary_key.columns
    return select(table).order_by(*(key.collate(bytewise) if isinstance(key.type, String) else key for key in keys))


def set_counters(target: Connection) -> None:
    """The next row gets the number after the last one that was copied."""
    for table in tables():
        column = table.autoincrement_column
        if column is not None:
            following = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
            target.execute(select(func.setval(func.pg_get_serial_sequence(f'"{table.name}"', column.name), following, False)))

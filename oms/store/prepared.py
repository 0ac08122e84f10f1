"""Core statements as the driver takes them: compiled once, then run without SQLAlchemy between.

For each execution SQLAlchemy makes ready anew what never changes, which costs a hop more time than all else it does. Here the SQL, the order of its
parameters and the conversions of the tables' types are kept: what is left to do is to put values in their places.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Delete, Insert, Row, Select, Update
from sqlalchemy.engine import Dialect, result_tuple
from sqlalchemy.engine.interfaces import DBAPICursor

from oms.store.types import from_json
from oms.store.wire import Said, Wire

Statement = Select[Any] | Insert | Update | Delete
Values = Mapping[str, Any]
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A statement for lists of certain lengths: `IN (?)` and `IN (?, ?)` are different texts."""

    sql: str
    places: Sequence[tuple[str, Convert | None]]  #: name and conversion for each `?`
    constants: Values  #: what stands in the statement itself
    lists: Mapping[str, Sequence[str]]  #: names of the elements of each list

    def bind(self, values: Values) -> list[Any]:
        """The values as the driver takes them, in the order of their places."""
        known = {**self.constants, **values}
        for name, elements in self.lists.items():
            known.update(zip(elements, values[name], strict=True))
        return [known[name] if convert is None else convert(known[name]) for name, convert in self.places]


class Prepared:
    """A statement, compiled for a driver whose parameters have places, not names."""

    def __init__(self, statement: Statement, names: Sequence[str], dialect: Dialect) -> None:
        """Compiles it for values of these names; those of an INSERT are its columns."""
        self._dialect = dialect
        new_id = _new_id(statement, dialect)
        if new_id is not None and isinstance(statement, Insert):
            statement = statement.returning(new_id)
        self._compiled = dialect.statement_compiler(dialect, statement, column_keys=list(names) if _has_values(statement) else None)
        self._lists = [name for name in names if name in self._compiled.binds and self._compiled.binds[name].expanding]
        self._shapes: dict[tuple[int, ...], Shape] = {}
        columns = list(statement.exported_columns) if new_id is None else [new_id]  # an Insert remembers that it exported none
        self._row = result_tuple([str(column.key) for column in columns])
        self._conversions: list[Convert | None] = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._types = [column.type for column in columns]

    def run(self, wire: Wire, values: Values | list[Values]) -> DBAPICursor:
        """Execute in the wire's transaction, for a sequence once with each of it. Returns the driver's cursor.

        Raises:
            DBAPIError: as SQLAlchemy would.
        """
        sql, bound, many = self._bound(values)
        return wire.send(sql, bound, many=many)

    def run_later(self, wire: Wire, values: Values | list[Values]) -> None:
        """The same, but nobody asks what came of it: see `Wire.send_later`."""
        sql, bound, many = self._bound(values)
        wire.send_later(sql, bound, many=many)

    def insert(self, wire: Wire, values: Values) -> int:
        """Execute an INSERT of one row. Returns its id; 0: there was nothing to insert."""
        cursor = self.run(wire, values)
        if not cursor.rowcount:
            return 0
        return int(cursor.fetchall()[0][0] if self._conversions else cursor.lastrowid)

    def rows(self, wire: Wire, values: Values) -> list[Row[Any]]:
        """Execute, and read what it returns."""
        make, conversions = self._row, self._conversions
        return [
            make([value if convert is None else convert(value) for value, convert in zip(found, conversions, strict=True)])
            for found in self.run(wire, values).fetchall()
        ]

    def read(self, listed: Sequence[Sequence[Any]]) -> list[Row[Any]]:
        """Rows that the database gave as JSON."""
        steps = [(from_json(kind, self._dialect), convert) for kind, convert in zip(self._types, self._conversions, strict=True)]
        return [self._row([_through(value, *step) for value, step in zip(found, steps, strict=True)]) for found in listed]

    def _bound(self, values: Values | list[Values]) -> Said:
        if isinstance(values, list):
            shape = self._shape(values[0])
            if len(values) > 1:
                return shape.sql, [shape.bind(each) for each in values], True
            return shape.sql, shape.bind(values[0]), False
        shape = self._shape(values)
        return shape.sql, shape.bind(values), False

    def _shape(self, values: Values) -> Shape:
        lengths = tuple([len(values[name]) for name in self._lists])
        if lengths not in self._shapes:
            self._shapes[lengths] = self._make_shape(values)
        return self._shapes[lengths]

    def _make_shape(self, values: Values) -> Shape:
        state = self._compiled.construct_expanded_state(values)
        list_of = {element: name for name, elements in state.parameter_expansion.items() for element in elements}
        places = [(name, self._conversion(list_of.get(name, name))) for name in state.positiontup or ()]
        constants = {name: state.parameters[name] for name, _ in places if list_of.get(name, name) not in values}
        return Shape(state.statement, places, constants, {name: state.parameter_expansion[name] for name in self._lists})

    def _conversion(self, name: str) -> Convert | None:
        return self._compiled.binds[name].type.dialect_impl(self._dialect).bind_processor(self._dialect)


def _has_values(statement: Statement) -> bool:
    """Names are its columns, unless it inserts what it selects."""
    return isinstance(statement, Insert) and statement.select is None


def _through(value: Any, *steps: Convert | None) -> Any:
    for step in steps:
        value = value if step is None or value is None else step(value)
    return value


def _new_id(statement: Statement, dialect: Dialect) -> Column[Any] | None:
    """The column that PostgreSQL must be asked for after an INSERT. SQLite's driver knows it anyway."""
    if not isinstance(statement, Insert) or dialect.postfetch_lastrowid:  # type: ignore[attr-defined]  # of every DefaultDialect
        return None
    column: Column[Any] | None = statement.table.autoincrement_column  # type: ignore[attr-defined]  # a Table, as all of ours
    return column


@lru_cache(maxsize=1000)
def prepared(statement: Statement, names: tuple[str, ...], dialect: Dialect) -> Prepared:
    """The statement for values of these names, compiled when it is first asked for."""
    return Prepared(statement, names, dialect)

"""Column types that behave alike on every database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Date, DateTime, Integer, String
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine


WHOLE = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number of 64 bits. SQLite's INTEGER holds them; PostgreSQL's has half of that: an amount of 10^13 minor units would not fit."""


BYTEWISE = String().with_variant(String(collation="C"), "postgresql")
"""Text that is ordered by its bytes, as SQLite does it: what begins alike stands together."""


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps text of fixed width (sortable) and gives it back aware; PostgreSQL has a type for it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """For other databases than SQLite."""
        return None if value is None else _utc(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """For other databases than SQLite."""
        return None if value is None else _utc(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """The same text as SQLAlchemy's own for SQLite, which formats it number by number; a hop writes about ten of them."""
        return _text_of if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """The way back."""
        return _time_of if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def from_json(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What turns a value of this type, as the database writes it in JSON, into what its driver gives. None: it is that already."""
    if dialect.name == "sqlite":  # which keeps times as the text that it writes
        return None
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat
    return date.fromisoformat if isinstance(kind, Date) else None


def _utc(value: datetime) -> datetime:
    """Refuses naive times: they would be read as UTC, whatever was meant."""
    if value.tzinfo is None:
        message = f"a naive time reached the database: {value!r}"
        raise ValueError(message)
    return value.astimezone(UTC)


def _text_of(value: datetime | None) -> str | None:
    """`2026-07-14 12:00:00.000000`, as SQLAlchemy writes it."""
    return None if value is None else _utc(value).isoformat(" ", "microseconds").removesuffix("+00:00")


def _time_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")

"""Column types that behave alike on every database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, DateTime, Integer
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


WHOLE = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number of 64 bits. SQLite's INTEGER holds them; PostgreSQL's has half of that: an amount of 10^13 minor units would not fit."""


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps text of fixed width (sortable) and gives it back aware; PostgreSQL has a type for it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would be read as UTC, whatever was meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"a naive time reached the database: {value!r}"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Give it back aware."""
        if value is None:
            return None
        aware: datetime = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware

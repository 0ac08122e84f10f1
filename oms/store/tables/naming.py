"""One naming convention for every constraint, so that migrations can name what they change on both databases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlmodel import Field, SQLModel

from oms.store.types import UTCDateTime

METADATA = SQLModel.metadata
METADATA.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def time_field(*, nullable: bool = False) -> Any:
    """A column that holds an aware UTC time."""
    return Field(default=None, sa_type=UTCDateTime, nullable=nullable)


def table_of(model: type[SQLModel]) -> Table:
    """The table of a SQLModel class, for Core statements."""
    return METADATA.tables[str(model.__tablename__)]


__all__ = ["METADATA", "datetime", "table_of", "time_field"]

"""One naming convention for every constraint, so that migrations can name what they change on both databases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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


def time_field(*, nullable: bool = False) -> Any:  # noqa: ANN401 - SQLModel's Field is typed so
    """A column that holds an aware UTC time."""
    return Field(default=None, sa_type=UTCDateTime, nullable=nullable)  # type: ignore[call-overload]  # a type class is what SQLModel asks for


__all__ = ["METADATA", "datetime", "time_field"]

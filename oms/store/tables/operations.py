"""What those read who watch over the shop."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field


class TallyRow(SQLModel, table=True):
    """How often something happened, summed up over all processes; only grows."""

    __tablename__ = "tally"
    __table_args__ = (PrimaryKeyConstraint("name", "labels"),)

    name: str
    labels: str  #: JSON text with sorted keys
    value: float


class FigureRow(SQLModel, table=True):
    """What was counted by a tick, and when."""

    __tablename__ = "figure"

    name: str = Field(primary_key=True)
    counted_at: datetime = time_field()
    told: str  #: JSON text

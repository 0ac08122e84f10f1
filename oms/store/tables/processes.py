"""Deployed contents of process files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field


class VersionRow(SQLModel, table=True):
    """A content of a process file: the whole graph, found by its hash."""

    __tablename__ = "process_version"
    __table_args__ = (UniqueConstraint("name", "sha256"), UniqueConstraint("name", "number"))

    id: int | None = Field(default=None, primary_key=True)
    name: str
    number: int
    sha256: str
    graph: str  #: canonical JSON text
    source_sha256: str  #: of the file and its parts: unchanged bytes are not parsed at start
    created_at: datetime = time_field()


class ProcessFileRow(SQLModel, table=True):
    """What somebody wrote, as it was when the version was first deployed: what people read and compare. Orders follow the graph."""

    __tablename__ = "process_file"

    version: int = Field(foreign_key="process_version.id", primary_key=True)
    place: int = Field(primary_key=True)  #: 0 = the process's own, then its parts as they are joined
    name: str  #: in the folder of the processes
    text: str


class DeploymentRow(SQLModel, table=True):
    """Which version new orders take, since when; the newest row counts."""

    __tablename__ = "deployment"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    version: int = Field(foreign_key="process_version.id")
    at: datetime = time_field()
    actor: str

"""Alembic's entry: the connection is handed over by `oms.store.schema.upgrade`, inside its transaction."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from oms.store.tables import METADATA
from oms.store.types import UTCDateTime


def _written(kind: str, item: object, _context: object) -> str | Literal[False]:
    """How a migration names the types that Alembic doesn't know."""
    known: dict[type, str] = {AutoString: "sa.String()", UTCDateTime: "UTCDateTime()"}
    return known.get(type(item), False) if kind == "type" else False


context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True, render_item=_written)
with context.begin_transaction():
    context.run_migrations()

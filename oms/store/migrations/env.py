"""Alembic's entry: the connection is handed over by `oms.store.schema.upgrade`, inside its transaction."""

from __future__ import annotations

from alembic import context

from oms.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

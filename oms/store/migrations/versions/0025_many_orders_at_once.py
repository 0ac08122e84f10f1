"""What is done to many orders at once, and views of lists that people keep. Locks nothing that is there: the tables are new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "bulk_run",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("payload", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_run"),
        sa.UniqueConstraint("key", name="uq_bulk_run_key"),
    )
    op.create_index("ix_bulk_run_store", "bulk_run", ["store", "id"])
    running = sa.text("status = 'running'")
    op.create_index("ix_bulk_run_running", "bulk_run", ["id"], sqlite_where=running, postgresql_where=running)
    op.create_table(
        "bulk_order",
        sa.Column("run", WHOLE, nullable=False),
        sa.Column("order", WHOLE, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.Column("trigger", WHOLE, nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["run"], ["bulk_run.id"], name="fk_bulk_order_run"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_bulk_order_order"),
        sa.PrimaryKeyConstraint("run", "order", name="pk_bulk_order"),
    )
    todo = sa.text("outcome = 'todo'")
    op.create_index("ix_bulk_order_todo", "bulk_order", ["run", "order"], sqlite_where=todo, postgresql_where=todo)
    op.create_table(
        "saved_view",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("account", WHOLE, nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name="fk_saved_view_account"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint("account", "store", "name", name="uq_saved_view_account_store_name"),
    )

"""Who is told what happened, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0019"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("types", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("old_secrets", sa.String(), nullable=False),
        sa.Column("old_until", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("rests_until", UTCDateTime(), nullable=True),
        sa.Column("disabled_at", UTCDateTime(), nullable=True),
        sa.Column("disabled_why", sa.String(), nullable=True),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoint"),
    )
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_message"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("endpoint", WHOLE, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("claims", WHOLE, nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("tried_at", UTCDateTime(), nullable=True),
        sa.Column("code", WHOLE, nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
        sa.UniqueConstraint("message", "endpoint", name="uq_webhook_delivery_message_endpoint"),
        sa.ForeignKeyConstraint(["message"], ["webhook_message.id"], name="fk_webhook_delivery_message"),
        sa.ForeignKeyConstraint(["endpoint"], ["webhook_endpoint.id"], name="fk_webhook_delivery_endpoint"),
    )
    waits = sa.text("status = 'waiting'")
    op.create_index("ix_webhook_delivery_due", "webhook_delivery", ["endpoint", "next_at"], sqlite_where=waits, postgresql_where=waits)
    op.create_index("ix_webhook_delivery_endpoint", "webhook_delivery", ["endpoint", "id"])

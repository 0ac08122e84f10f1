"""What payment providers say, kept once per message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=True),
        sa.Column("order", sa.String(), nullable=True),
        sa.Column("store", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("amount_minor", WHOLE, nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("provider", "event_id", name="uq_inbox_provider_event_id"),
    )
    op.add_column("payment", sa.Column("message", WHOLE, nullable=True))
    op.create_index("ix_payment_message", "payment", ["message"])
    waits = sa.text("status = 'waiting'")
    op.create_index("ix_inbox_next", "inbox", ["next_at"], sqlite_where=waits, postgresql_where=waits)
    op.create_index("ix_inbox_order", "inbox", ["order"], sqlite_where=waits, postgresql_where=waits)

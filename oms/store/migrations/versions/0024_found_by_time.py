"""Indexes by which a day is found: of what happened, and of orders. A server builds them while writers of these two tables wait."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_index("ix_trigger_at", "trigger", ["at", "id"])
    op.create_index("ix_orders_placed", "orders", ["placed_at"])

"""The few orders that need attention are found without reading the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    here, there = sa.text("attention IS 1"), sa.text("attention IS true")
    op.create_index("ix_orders_attention", "orders", ["store", "id"], sqlite_where=here, postgresql_where=there)

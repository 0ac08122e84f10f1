"""Who works, and when they were last seen. Locks nothing that is there: the table is new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import UTCDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "worker",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("queues", sa.String(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_worker"),
    )

"""How many items stand where, and since when: counted by a tick, read by the overview. Locks nothing that is there: the table is new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "state_count",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("band", WHOLE, nullable=False),
        sa.Column("items", WHOLE, nullable=False),
        sa.Column("oldest_at", UTCDateTime(), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("store", "process", "state", "band", name="pk_state_count"),
    )

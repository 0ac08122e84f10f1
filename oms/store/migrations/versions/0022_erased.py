"""Who was erased, and which files go with that; what kept answers are about; messages of providers that could not be read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("order", WHOLE, nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_erasure_order"),
    )
    op.create_index("ix_erasure_order", "erasure", ["order"])
    op.create_table(
        "erased_file",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("gone_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_erased_file"),
    )
    op.add_column("kept_answer", sa.Column("path", sa.String(), nullable=True))
    op.add_column("inbox", sa.Column("headers", sa.String(), nullable=True))

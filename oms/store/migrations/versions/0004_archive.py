"""PDFs and mails in the database, for shops with several hosts. Locks nothing that is there: the table is new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "archive_file",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_archive_file"),
    )

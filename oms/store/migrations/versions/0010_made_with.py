"""What a file was made with: the templates, fonts and programs, by their key in the archive. Columns are added; guards are made again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for table in ("invoice_file", "paper_file"):
        op.add_column(table, sa.Column("made_with", sa.String(), nullable=True))

"""Credit notes: what is rounded for payment, and whether what an invoice billed is to be billed anew. Columns are added; guards are made again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("invoice", sa.Column("rounding_minor", WHOLE, nullable=False, server_default="0"))
    op.add_column("invoice", sa.Column("reopens", sa.Boolean(), nullable=False, server_default=sa.false()))

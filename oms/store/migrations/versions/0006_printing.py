"""What is to be printed, for no mail carries it. Locks nothing that is there: the table is new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "print_list",
        sa.Column("invoice", WHOLE, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("printed_at", UTCDateTime(), nullable=True),
        sa.Column("printed_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("invoice", name="pk_print_list"),
        sa.ForeignKeyConstraint(["invoice"], ["invoice.id"], name="fk_print_list_invoice"),
    )

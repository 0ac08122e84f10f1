"""How each paper stands is kept beside it, so that a list of what is overdue reads nothing else. Each upgrade reckons it for all there are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE

revision = "0029"
down_revision = "0028"

_SUMMED = ("kind", "currency", "state", "due_on", "open_minor", "paid_minor")


def upgrade() -> None:
    op.create_table(
        "invoice_standing",
        sa.Column("invoice", WHOLE, nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("open_minor", WHOLE, nullable=False),
        sa.Column("paid_minor", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["invoice"], ["invoice.id"], name="fk_invoice_standing_invoice"),
        sa.PrimaryKeyConstraint("invoice", name="pk_invoice_standing"),
    )
    op.create_index("ix_invoice_standing_state", "invoice_standing", ["store", "state", "invoice", "kind", "due_on", "paid_minor"])
    op.create_index("ix_invoice_standing_sums", "invoice_standing", ["store", "issued_on", *_SUMMED])

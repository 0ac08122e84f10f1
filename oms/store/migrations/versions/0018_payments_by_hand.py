"""Payments that people and statements report have a day, who said it, and why; invoices are found by number, and how they stand from an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("payment", sa.Column("paid_on", sa.Date(), nullable=True))
    op.add_column("inbox", sa.Column("paid_on", sa.Date(), nullable=True))
    op.add_column("inbox", sa.Column("actor", sa.String(), nullable=True))
    op.add_column("inbox", sa.Column("reason", sa.String(), nullable=True))
    op.create_index("ix_invoice_number", "invoice", ["number"])
    standing = ["order", "id", "parent", "kind", "currency", "gross_minor", "rounding_minor", "due_on", "store", "issued_on"]
    op.create_index("ix_invoice_standing", "invoice", standing)

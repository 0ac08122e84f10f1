"""Answers that are kept for a day, so that a repeated request gets the same one; and what lists of papers are sought by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import UTCDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "kept_answer",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("begun_at", UTCDateTime(), nullable=False),
        sa.Column("status", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("headers", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("actor", "key", name="pk_kept_answer"),
    )
    op.create_index("ix_kept_answer_begun_at", "kept_answer", ["begun_at"])
    op.create_index("ix_invoice_store_issued_on", "invoice", ["store", "issued_on"])
    op.create_index("ix_invoice_store_kind", "invoice", ["store", "kind"])

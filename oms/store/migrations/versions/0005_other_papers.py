"""Papers without number and money, such as delivery notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _make_paper()
    _make_paper_file()


def _make_paper() -> None:
    op.create_table(
        "paper",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("order", WHOLE, nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("snapshot", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_paper"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_paper_order"),
        sa.UniqueConstraint("cause", "template", name="uq_paper_cause_template"),
    )
    op.create_index("ix_paper_order", "paper", ["order"])


def _make_paper_file() -> None:
    op.create_table(
        "paper_file",
        sa.Column("paper", WHOLE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("paper", "kind", name="pk_paper_file"),
        sa.ForeignKeyConstraint(["paper"], ["paper.id"], name="fk_paper_file_paper"),
    )

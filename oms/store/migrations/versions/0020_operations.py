"""Which request and trace a trigger, a job and a message come from; figures for those who watch over the shop. Triggers are only added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import UTCDateTime

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    for table in ("trigger", "job", "inbox"):
        op.add_column(table, sa.Column("request_id", sa.String(), nullable=True))
        op.add_column(table, sa.Column("traceparent", sa.String(), nullable=True))
    op.create_table(
        "tally",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("labels", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", "labels", name="pk_tally"),
    )
    op.create_table(
        "figure",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_figure"),
    )

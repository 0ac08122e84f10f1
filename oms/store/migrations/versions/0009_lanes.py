"""A mail server for each store: its lane and pace; and links to documents that may be revoked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("job", sa.Column("lane", sa.String(), nullable=True))
    op.execute("UPDATE job SET lane = 'mail' WHERE name IN ('deliver_mail', 'send_alert')")
    op.create_table(
        "mail_pace",
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("minute_at", UTCDateTime(), nullable=False),
        sa.Column("offered", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("lane", name="pk_mail_pace"),
    )
    op.create_table(
        "link_revocation",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("invoice", WHOLE, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_link_revocation"),
        sa.ForeignKeyConstraint(["invoice"], ["invoice.id"], name="fk_link_revocation_invoice"),
    )
    op.create_index("ix_link_revocation_invoice", "link_revocation", ["invoice"])

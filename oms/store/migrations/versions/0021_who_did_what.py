"""Who did what; invitations, and who an identity provider says somebody is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "deed",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("actor_id", WHOLE, nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deed"),
    )
    op.create_index("ix_deed_actor", "deed", ["actor", "at", "id"])
    op.create_index("ix_deed_what", "deed", ["what", "at", "id"])
    op.create_index("ix_deed_subject", "deed", ["subject", "at", "id"])
    op.create_index("ix_deed_at", "deed", ["at", "id"])
    op.add_column("account", sa.Column("invitation_sha256", sa.String(), nullable=True))
    op.add_column("account", sa.Column("invitation_until", UTCDateTime(), nullable=True))
    op.add_column("account", sa.Column("issuer", sa.String(), nullable=True))
    op.add_column("account", sa.Column("issuer_subject", sa.String(), nullable=True))
    op.create_index("ix_account_invitation_sha256", "account", ["invitation_sha256"])
    op.create_index("uq_account_issuer_subject", "account", ["issuer", "issuer_subject"], unique=True)
    op.create_index("ix_login_failure_at", "login_failure", ["at"])

"""What endpoints are told leads to the request from which it came, however much later it is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("webhook_message", sa.Column("request_id", sa.String(), nullable=True))
    op.add_column("webhook_message", sa.Column("traceparent", sa.String(), nullable=True))

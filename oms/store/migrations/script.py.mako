"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import UTCDateTime

revision = "${up_revision}"
down_revision = "${down_revision}"


def upgrade() -> None:
    ${upgrades}

"""What somebody wrote is kept with the version that came of it. What was deployed before has nothing until it is deployed again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "process_file",
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("place", WHOLE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["process_version.id"], name="fk_process_file_version"),
        sa.PrimaryKeyConstraint("version", "place", name="pk_process_file"),
    )

"""What is still to be done, and what needs attention."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _make_timer()
    _make_job()
    _make_incident()
    _make_hold()


def _make_timer() -> None:
    op.create_table(
        "timer",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("order", WHOLE, nullable=False),
        sa.Column("item", WHOLE, nullable=False),
        sa.Column("moves", WHOLE, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_timer"),
        sa.ForeignKeyConstraint(["item"], ["order_item.id"], name="fk_timer_item"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_timer_order"),
    )
    op.create_index(
        "ix_timer_next", "timer", ["next_at", "id"], sqlite_where=sa.text("next_at IS NOT NULL"), postgresql_where=sa.text("next_at IS NOT NULL")
    )
    op.create_index("ix_timer_order", "timer", ["order", "item"])


def _make_job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("order", WHOLE, nullable=True),
        sa.Column("hop", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("items", sa.String(), nullable=False),
        sa.Column("then", sa.String(), nullable=True),
        sa.Column("on_error", sa.String(), nullable=True),
        sa.Column("arguments", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("claims", WHOLE, nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("rung_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_job_order"),
    )
    op.create_index(
        "ix_job_lease", "job", ["lease_until"], sqlite_where=sa.text("status = 'running'"), postgresql_where=sa.text("status = 'running'")
    )
    op.create_index(
        "ix_job_next",
        "job",
        ["next_at"],
        sqlite_where=sa.text("status IN ('todo', 'landing')"),
        postgresql_where=sa.text("status IN ('todo', 'landing')"),
    )
    op.create_index("ix_job_order", "job", ["order"])


def _make_incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("order", WHOLE, nullable=True),
        sa.Column("item", WHOLE, nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_incident_order"),
    )
    op.create_index("ix_incident_order", "incident", ["order"])
    op.create_index(
        "uq_incident_open",
        "incident",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _make_hold() -> None:
    op.create_table(
        "hold",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_hold"),
    )

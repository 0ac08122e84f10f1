"""Processes, orders and what happens to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    _make_process_version()
    _make_deployment()
    _make_orders()
    _make_order_line()
    _make_order_item()
    _make_trigger()
    _make_history()
    _make_history_item()
    _make_note()


def _make_process_version() -> None:
    op.create_table(
        "process_version",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("graph", sa.String(), nullable=False),
        sa.Column("source_sha256", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_process_version"),
        sa.UniqueConstraint("name", "number", name="uq_process_version_name_number"),
        sa.UniqueConstraint("name", "sha256", name="uq_process_version_name_sha256"),
    )


def _make_deployment() -> None:
    op.create_table(
        "deployment",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deployment"),
        sa.ForeignKeyConstraint(["version"], ["process_version.id"], name="fk_deployment_version"),
    )
    op.create_index("ix_deployment_name", "deployment", ["name"])


def _make_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("customer_name", sa.String(), nullable=False),
        sa.Column("customer_email", sa.String(), nullable=True),
        sa.Column("gross_minor", WHOLE, nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("placed_document", sa.String(), nullable=False),
        sa.Column("placed_at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("held", sa.String(), nullable=True),
        sa.Column("attention", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.ForeignKeyConstraint(["version"], ["process_version.id"], name="fk_orders_version"),
        sa.UniqueConstraint("reference", "store", name="uq_orders_reference_store"),
    )
    op.create_index("ix_orders_version", "orders", ["version"])


def _make_order_line() -> None:
    op.create_table(
        "order_line",
        sa.Column("order", WHOLE, nullable=False),
        sa.Column("line", WHOLE, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("quantity", WHOLE, nullable=False),
        sa.Column("shares", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("order", "line", name="pk_order_line"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_order_line_order"),
    )
    op.create_index("ix_order_line_sku", "order_line", ["sku"])


def _make_order_item() -> None:
    op.create_table(
        "order_item",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("order", WHOLE, nullable=False),
        sa.Column("line", WHOLE, nullable=False),
        sa.Column("part", WHOLE, nullable=False),
        sa.Column("quantity", WHOLE, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("moves", WHOLE, nullable=False),
        sa.Column("seq", WHOLE, nullable=False),
        sa.Column("look_at", UTCDateTime(), nullable=True),
        sa.Column("look_pause", WHOLE, nullable=True),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("ref", sa.String(), nullable=True),
        sa.Column("split_from", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_order_item"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_order_item_order"),
        sa.ForeignKeyConstraint(["split_from"], ["order_item.id"], name="fk_order_item_split_from"),
        sa.UniqueConstraint("order", "line", "part", name="uq_order_item_order_line_part"),
    )
    op.create_index(
        "ix_order_item_look",
        "order_item",
        ["look_at", "id"],
        sqlite_where=sa.text("look_at IS NOT NULL"),
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    op.create_index(
        "ix_order_item_open", "order_item", ["state", "entered_at"], sqlite_where=sa.text("final = 0"), postgresql_where=sa.text("NOT final")
    )


def _make_trigger() -> None:
    op.create_table(
        "trigger",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("order", WHOLE, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("payload", sa.String(), nullable=True),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trigger"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_trigger_order"),
        sa.UniqueConstraint("order", "key", name="uq_trigger_order_key"),
    )


def _make_history() -> None:
    op.create_table(
        "history",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("trigger", WHOLE, nullable=False),
        sa.Column("hop", WHOLE, nullable=False),
        sa.Column("order", WHOLE, nullable=False),
        sa.Column("event", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_history"),
        sa.ForeignKeyConstraint(["trigger"], ["trigger.id"], name="fk_history_trigger"),
    )
    op.create_index("ix_history_order", "history", ["order", "id"])
    op.create_index("ix_history_trigger", "history", ["trigger"])


def _make_history_item() -> None:
    op.create_table(
        "history_item",
        sa.Column("history", WHOLE, nullable=False),
        sa.Column("item", WHOLE, nullable=False),
        sa.Column("seq", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("history", "item", name="pk_history_item"),
        sa.ForeignKeyConstraint(["history"], ["history.id"], name="fk_history_item_history"),
    )
    op.create_index("ix_history_item_item", "history_item", ["item"])


def _make_note() -> None:
    op.create_table(
        "note",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("order", WHOLE, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("hop", sa.String(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_note_order"),
    )
    op.create_index("ix_note_order", "note", ["order"])

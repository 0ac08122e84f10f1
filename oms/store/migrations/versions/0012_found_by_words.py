"""Orders are found by the beginning of a word, and by store, without reading all of them. Orders that are there get their words now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.orders.words import words_of
from oms.store.types import BYTEWISE, WHOLE

revision = "0012"
down_revision = "0011"

BATCH = 1_000


def upgrade() -> None:
    op.create_table(
        "order_word",
        sa.Column("word", BYTEWISE, nullable=False),
        sa.Column("order", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("word", "order", name="pk_order_word"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_order_word_order"),
    )
    op.create_index("ix_order_word_order", "order_word", ["order"])
    op.create_index("ix_orders_store", "orders", ["store", "id"])
    connection = op.get_bind()
    orders = sa.table("orders", *(sa.column(name) for name in ("id", "reference", "customer_name", "customer_email")))
    words = sa.table("order_word", sa.column("word"), sa.column("order"))
    last = 0
    while rows := connection.execute(sa.select(orders).where(orders.c.id > last).order_by(orders.c.id).limit(BATCH)).all():
        found = [{"word": word, "order": row.id} for row in rows for word in words_of(row.reference, row.customer_name, row.customer_email)]
        connection.execute(sa.insert(words), found)
        last = rows[-1].id

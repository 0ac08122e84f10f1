"""Money, papers and mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from oms.store.types import WHOLE, UTCDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _make_payment()
    _make_number_series()
    _make_invoice()
    _make_invoice_line()
    _make_invoice_file()
    _make_mail_message()
    _make_mail_recipient()


def _make_payment() -> None:
    op.create_table(
        "payment",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("order", WHOLE, nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_payment_order"),
        sa.UniqueConstraint("provider", "reference", "kind", name="uq_payment_provider_reference_kind"),
    )
    op.create_index("ix_payment_job", "payment", ["job"])
    op.create_index("ix_payment_order", "payment", ["order"])


def _make_number_series() -> None:
    op.create_table(
        "number_series",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("last", WHOLE, nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_number_series"),
    )


def _make_invoice() -> None:
    op.create_table(
        "invoice",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("order", WHOLE, nullable=False),
        sa.Column("seller", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("seq", WHOLE, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("net_minor", WHOLE, nullable=False),
        sa.Column("tax_minor", WHOLE, nullable=False),
        sa.Column("gross_minor", WHOLE, nullable=False),
        sa.Column("paid_minor", WHOLE, nullable=False),
        sa.Column("snapshot", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("previous_sha256", sa.String(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invoice"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_invoice_order"),
        sa.UniqueConstraint("order", "seller", "kind", "cause", "parent", name="uq_invoice_order_seller_kind_cause_parent"),
        sa.UniqueConstraint("series", "seq", name="uq_invoice_series_seq"),
        sa.UniqueConstraint("store", "number", name="uq_invoice_store_number"),
    )


def _make_invoice_line() -> None:
    op.create_table(
        "invoice_line",
        sa.Column("invoice", WHOLE, nullable=False),
        sa.Column("order", WHOLE, nullable=False),
        sa.Column("line", WHOLE, nullable=False),
        sa.Column("item", WHOLE, nullable=False),
        sa.Column("quantity", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("invoice", "line", "item", name="pk_invoice_line"),
        sa.ForeignKeyConstraint(["invoice"], ["invoice.id"], name="fk_invoice_line_invoice"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_invoice_line_order"),
    )
    op.create_index("ix_invoice_line_order", "invoice_line", ["order"])


def _make_invoice_file() -> None:
    op.create_table(
        "invoice_file",
        sa.Column("invoice", WHOLE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("invoice", "kind", name="pk_invoice_file"),
        sa.ForeignKeyConstraint(["invoice"], ["invoice.id"], name="fk_invoice_file_invoice"),
    )


def _make_mail_message() -> None:
    op.create_table(
        "mail_message",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("order", WHOLE, nullable=True),
        sa.Column("invoice", WHOLE, nullable=True),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("context", sa.String(), nullable=False),
        sa.Column("eml_key", sa.String(), nullable=True),
        sa.Column("eml_sha256", sa.String(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mail_message"),
        sa.ForeignKeyConstraint(["invoice"], ["invoice.id"], name="fk_mail_message_invoice"),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name="fk_mail_message_order"),
        sa.UniqueConstraint("key", name="uq_mail_message_key"),
        sa.UniqueConstraint("message_id", name="uq_mail_message_message_id"),
    )
    op.create_index("ix_mail_message_invoice", "mail_message", ["invoice"])
    op.create_index("ix_mail_message_order", "mail_message", ["order"])


def _make_mail_recipient() -> None:
    op.create_table(
        "mail_recipient",
        sa.Column("message", WHOLE, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("message", "address", name="pk_mail_recipient"),
        sa.ForeignKeyConstraint(["message"], ["mail_message.id"], name="fk_mail_recipient_message"),
    )

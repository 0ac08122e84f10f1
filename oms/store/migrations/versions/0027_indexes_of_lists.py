"""Indexes of what lists ask for: mails that did not arrive, papers to print, all that says what was paid. A server builds them while writers wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    _of_few("ix_mail_recipient_unsent", "mail_recipient", "message", "status != 'sent'")
    _of_few("ix_print_list_waiting", "print_list", "invoice", "printed_at IS NULL")
    op.create_index("ix_payment_standing", "payment", ["order", "currency", "kind", "amount_minor", "job"])
    op.drop_index("ix_payment_order", "payment")


def _of_few(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))

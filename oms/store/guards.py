"""Database triggers that refuse to change what is kept for ever: one list for both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection

APPEND_ONLY = (
    *("archive_file", "deployment", "history", "history_item", "invoice", "invoice_file", "invoice_line"),
    *("link_revocation", "order_line", "paper", "paper_file", "payment", "process_version"),
)
"""Tables whose rows are added and never changed."""
NEVER_DELETED = ("mail_message", "number_series", "orders", "trigger")
"""Tables whose rows may change, but stay."""
TRIGGER_KEEPS = ("id", "order", "key", "event", "actor", "cause", "request_sha256", "at", "request_id", "traceparent")
"""What a trigger says for ever. Its payload and reason may be personal, and be erased."""

_REFUSE = """
CREATE OR REPLACE FUNCTION oms_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are kept as they are: % refused', TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = 'integrity_constraint_violation';
END $$"""


@dataclass(frozen=True, slots=True)
class Guard:
    """A trigger that refuses one operation on one table."""

    table: str
    what: str  #: `update`, `delete` or `truncate`
    columns: tuple[str, ...] = ()  #: only these; none: all

    @property
    def name(self) -> str:
        """Of the database trigger."""
        return f"{self.table}_no_{self.what}"

    def sql(self, dialect: str) -> str:
        """Makes it. RAISE(ABORT) leaves SQLite's transaction usable (rule 14)."""
        columns = " OF " + ", ".join(f'"{column}"' for column in self.columns) if self.columns else ""
        when = f'CREATE TRIGGER "{self.name}" BEFORE {self.what.upper()}{columns} ON "{self.table}"'
        if dialect == "postgresql":
            return f"{when} FOR EACH {'STATEMENT' if self.what == 'truncate' else 'ROW'} EXECUTE FUNCTION oms_refuse()"
        sentence = f"rows of {self.table} are kept as they are: {self.what} refused"
        return f"{when} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"


def guards(dialect: str) -> Iterator[Guard]:
    """All of them. SQLite knows no TRUNCATE."""
    for table in APPEND_ONLY:
        yield Guard(table, "update")
    yield Guard("trigger", "update", TRIGGER_KEEPS)
    for table in (*APPEND_ONLY, *NEVER_DELETED):
        yield Guard(table, "delete")
        if dialect == "postgresql":
            yield Guard(table, "truncate")


def guard(connection: Connection) -> None:
    """Make them, again: altering a table may have dropped them (rule 41)."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.execute(text(_REFUSE))
    for each in guards(dialect):
        connection.execute(text(f'DROP TRIGGER IF EXISTS "{each.name}"' + (f' ON "{each.table}"' if dialect == "postgresql" else "")))
        connection.execute(text(each.sql(dialect)))

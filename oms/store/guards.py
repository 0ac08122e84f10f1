"""Database triggers that refuse to change what is kept for ever: one list for both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.engine import Connection

APPEND_ONLY = (
    *("archive_file", "deployment", "history_item", "invoice", "invoice_file", "invoice_line"),
    *("link_revocation", "order_line", "paper", "paper_file", "payment", "process_file", "process_version"),
)
"""Tables whose rows are added and never changed."""
KEPT = {"deed": timedelta(days=730)}
"""Tables whose rows are added, never changed, and may be deleted when they are that old: they tell what people did, and nobody asks any more."""
NEVER_DELETED = ("erased_file", "erasure", "history", "mail_message", "number_series", "orders", "trigger")
"""Tables whose rows may change, but stay."""
KEEPS: Mapping[str, tuple[str, ...]] = {
    "trigger": ("id", "order", "key", "event", "actor", "cause", "request_sha256", "at", "request_id", "traceparent"),
    "history": ("id", "trigger", "hop", "order", "event", "source", "target", "at"),
    "erasure": ("id", "order", "actor", "reason", "at"),
    "erased_file": ("key", "at"),
}
"""What rows that may change say for ever. Payload and reason of a trigger, and the error of a hop, may be personal, and be erased."""

_OF_ORDER = 'EXISTS (SELECT 1 FROM "erasure" e WHERE e."order" = OLD."order")'
ERASABLE: Mapping[str, str] = {
    "paper": _OF_ORDER,
    "paper_file": 'EXISTS (SELECT 1 FROM "paper" p JOIN "erasure" e ON e."order" = p."order" WHERE p."id" = OLD."paper")',
    "archive_file": 'EXISTS (SELECT 1 FROM "erased_file" f WHERE f."key" = OLD."key")',
}
"""Tables whose rows may go once it is written that they are to be erased, and when that is so. Invoices are not among them."""

_REFUSE = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{let}    RAISE EXCEPTION 'rows of % are kept as they are: % refused', TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = 'integrity_constraint_violation';
END $$"""


@dataclass(frozen=True, slots=True)
class Guard:
    """A trigger that refuses one operation on one table."""

    table: str
    what: str  #: `update`, `delete` or `truncate`
    columns: tuple[str, ...] = ()  #: only these; none: all
    unless: str = ""  #: SQL about the row `OLD`; it isn't refused where this is so
    younger_than: timedelta | None = None  #: only rows whose `at` is; None: all

    @property
    def name(self) -> str:
        """Of the database trigger."""
        return f"{self.table}_no_{self.what}{f'_of_{self.columns[0]}' if self.columns and self.unless else ''}"

    @property
    def function(self) -> str:
        """What refuses, on PostgreSQL."""
        return f"oms_refuse_{self.name}" if self.unless else "oms_refuse"

    @property
    def function_sql(self) -> str:
        """Makes it."""
        let = f"    IF {self.unless} THEN IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END IF;\n" if self.unless else ""
        return _REFUSE.format(name=self.function, let=let)

    def sql(self, dialect: str) -> str:
        """Makes it. RAISE(ABORT) leaves SQLite's transaction usable (rule 14)."""
        columns = " OF " + ", ".join(f'"{column}"' for column in self.columns) if self.columns else ""
        when = f'CREATE TRIGGER "{self.name}" BEFORE {self.what.upper()}{columns} ON "{self.table}"'
        if dialect == "postgresql":
            young = f" WHEN (OLD.at > now() - interval '{self.younger_than.days} days')" if self.younger_than else ""
            return f"{when} FOR EACH {'STATEMENT' if self.what == 'truncate' else 'ROW'}{young} EXECUTE FUNCTION {self.function}()"
        sentence = f"rows of {self.table} are kept as they are: {self.what} refused"
        let = f" WHEN NOT {self.unless}" if self.unless else ""
        if self.younger_than:
            let = f" WHEN OLD.at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-{self.younger_than.days} days')"
        return f"{when}{let} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"


def guards(dialect: str) -> Iterator[Guard]:
    """All of them. SQLite knows no TRUNCATE."""
    for table in (*APPEND_ONLY, *KEPT):
        yield Guard(table, "update")
    for table, columns in KEEPS.items():
        yield Guard(table, "update", columns)
    yield Guard("history", "update", ("error",), unless=_OF_ORDER)
    for table in (*APPEND_ONLY, *NEVER_DELETED, *KEPT):
        yield Guard(table, "delete", unless=ERASABLE.get(table, ""), younger_than=KEPT.get(table))
        if dialect == "postgresql":
            yield Guard(table, "truncate")


def guard(connection: Connection) -> None:
    """Make them, again: altering a table may have dropped them (rule 41)."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        for sql in {each.function_sql: None for each in guards(dialect)}:
            connection.execute(text(sql))
    for each in guards(dialect):
        connection.execute(text(f'DROP TRIGGER IF EXISTS "{each.name}"' + (f' ON "{each.table}"' if dialect == "postgresql" else "")))
        connection.execute(text(each.sql(dialect)))

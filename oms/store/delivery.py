"""Procrastinate's own tables, in a schema of their own (rule 40): made, and brought to the form that the installed Procrastinate works with.

Its migrations are SQL files, named so that they sort. The last one that was applied is kept as the comment of the schema.
"""

from __future__ import annotations

from importlib import resources

from procrastinate.schema import SchemaManager
from sqlalchemy import Engine, Executable, func, select, text
from sqlalchemy.engine import Connection

from oms.store.postgres import DELIVERY

_APPLIED = select(func.obj_description(func.to_regnamespace(DELIVERY), "pg_namespace"))


def upgrade_delivery(engine: Engine, *, alone: Executable) -> None:
    """All that is missing, each migration in a transaction of its own: a new value of a type is usable only after the commit.

    They lock its own tables only: nobody of ours waits for them longer than for a ring.

    Args:
        engine: Of an account that may make schemas.
        alone: Keeps other hosts that upgrade away for one transaction.
    """
    while _step(engine, alone):
        pass


def _step(engine: Engine, alone: Executable) -> bool:
    """The next one. False: there is none."""
    with engine.begin() as connection:
        connection.execute(alone)
        applied, there_is = connection.execute(_APPLIED).scalar_one(), _migrations()
        if applied is None:
            connection.execute(text(f"CREATE SCHEMA {DELIVERY}"))
            _run(connection, SchemaManager.get_schema(), reached=there_is[-1])
            return False
        missing = [name for name in there_is if name > applied]
        if missing:
            _run(connection, _sql(missing[0]), reached=missing[0])
        return bool(missing)


def _migrations() -> list[str]:
    """Names, in their order."""
    folder = resources.files("procrastinate.sql").joinpath("migrations")
    return sorted(each.name.removesuffix(".sql") for each in folder.iterdir() if each.name.endswith(".sql"))


def _sql(name: str) -> str:
    return resources.files("procrastinate.sql").joinpath("migrations", f"{name}.sql").read_text("utf-8")


def _run(connection: Connection, sql: str, *, reached: str) -> None:
    """Several statements whose names stand for what lies in that schema. The driver takes them as they are, percent signs included."""
    connection.execute(text(f"SET LOCAL search_path = {DELIVERY}"))
    connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
    connection.execute(text(f"COMMENT ON SCHEMA {DELIVERY} IS '{reached}'"))

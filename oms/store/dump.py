"""Copies a database that lies on a server: pg_dump's SQL, and at its end the hold of the mails, so that one transaction restores both."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, insert
from sqlalchemy.engine import Dialect

from oms.errors import StoreUnavailable
from oms.store.held import HOLDS
from oms.store.postgres import SCHEMA, PostgresStore


def dump(store: PostgresStore, target: Path, *, reason: str, at: datetime) -> None:
    """Write the database as of one moment, as SQL that psql runs.

    Procrastinate's tables stay out: what is still to be done stands in ours.

    Args:
        store: The database in use; nobody has to stop working on it.
        target: A new file.
        reason: Why what is restored from it holds its mails back.
        at: Since when.

    Raises:
        StoreUnavailable: there is no pg_dump, it is older than the server, or the server doesn't answer.
    """
    program = shutil.which("pg_dump")
    if program is None:
        raise StoreUnavailable("pg_dump is missing, which copies databases on servers: on Debian, apt-get install postgresql-client.")
    address = store.address
    secret = {"PGPASSWORD": str(address.password)} if address.password else {}
    url = address.set(drivername="postgresql", password=None).render_as_string()
    options = ("--no-owner", "--no-privileges", f"--schema={SCHEMA}", f"--file={target}", f"--dbname={url}")
    target.touch(mode=0o600)
    done = subprocess.run([program, *options], env={**os.environ, **secret}, capture_output=True, text=True, check=False)  # noqa: S603 - found above
    if done.returncode:
        said = done.stderr.strip().partition("\n")[0] or f"exit code {done.returncode}"
        raise StoreUnavailable(f"The database {store.name} can't be copied: {said}.")
    with store.connection() as connection, target.open("a", encoding="utf-8") as file:
        file.write(_hold_of_the_mails(reason, at, connection.dialect))
        file.flush()
        os.fsync(file.fileno())


def _hold_of_the_mails(reason: str, at: datetime, dialect: Dialect) -> str:
    values = {"subject": "mail", "reason": reason, "actor": "backup", "at": at}
    statements = (delete(HOLDS).where(HOLDS.c.subject == "mail"), insert(HOLDS).values(values))
    written = [str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})) for statement in statements]
    return "".join(f"{statement};\n" for statement in (f"\nSET search_path = {SCHEMA}", *written))

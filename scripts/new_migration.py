"""Writes the migration that leads from the last one to the tables of the code: `python scripts/new_migration.py "Give holds a colour"`.

It is a draft to be read, and run through ruff. Tables that are only added to (`oms/store/schema.py`) may only gain columns; a new one is listed there
when its migration is written.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from oms.store.schema import newest, upgrade
from oms.store.sqlite import writer_engine

MIGRATIONS = Path(__file__).resolve().parents[1] / "oms" / "store" / "migrations"


def main(message: str) -> None:
    """Compare a database that all migrations made with the tables."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    number = f"{int(newest()) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "oms.db"
        upgrade(path)
        engine = writer_engine(path)
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message, autogenerate=True, rev_id=number)
        engine.dispose()
    print(f'Read it, run ruff over it, and write NEWEST = "{number}" in oms/store/revision.py.')


if __name__ == "__main__":
    main(sys.argv[1])

"""Copies a shop while it works (rule 51): the database as of one moment, and every file of the archive that it names.

What is copied holds mails back (rule 30): once it is put into force, mails that went out since the copy would go out again.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, union

from oms.errors import Conflict, OmsError, StoreUnavailable
from oms.ports.outside import Archive
from oms.store.mails import MESSAGES
from oms.store.papers import FILES
from oms.store.sqlite import BUSY_SECONDS, require
from oms.store.unit_of_work import SqliteStore

DATABASE, ARCHIVE = "oms.db", "archive"
"""What a backup is made of."""

_STORED = union(select(FILES.c.key, FILES.c.sha256), select(MESSAGES.c.eml_key, MESSAGES.c.eml_sha256).where(MESSAGES.c.eml_key.is_not(None)))


@dataclass(frozen=True, slots=True)
class Backup:
    """What was copied, and what could not be."""

    folder: Path
    files: int
    bytes: int
    damaged: tuple[str, ...]  #: a sentence for each file of the archive that is lost or not what was stored


def back_up(database: Path, archive: Archive, *, folder: Path, at: datetime) -> Backup:
    """Copy database and archive into a folder that is empty or not there yet. Files that can't be copied are told, the others are copied.

    Args:
        database: The file in use; nobody has to stop working on it.
        archive: Where the files are; it checks their hashes.
        folder: Where to.
        at: Stands in the reason why the copy holds mails back.

    Raises:
        Conflict: there is something in the folder.
        StoreUnavailable: there is no database, or it can't be read.
    """
    require(database)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(f"{folder} is not empty. A backup goes into a folder of its own: name another one.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = _copy_database(database, folder / DATABASE, at)
    copied, size, damaged = 0, 0, []
    for key, sha256 in files:
        try:
            data = archive.get(key)
        except OmsError as error:
            damaged.append(str(error))
            continue
        if hashlib.sha256(data).hexdigest() != sha256:
            damaged.append(f"{key} is not the file that the database names: its SHA-256 differs.")
            continue
        _write(folder / ARCHIVE / key, data)
        copied, size = copied + 1, size + len(data)
    return Backup(folder, copied, size, tuple(damaged))


def _copy_database(source: Path, target: Path, at: datetime) -> list[tuple[str, str]]:
    """One consistent copy; returns the files that it names, as (key, SHA-256). They were all stored before it was made."""
    target.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise StoreUnavailable(f"The database {source} can't be copied: {error}.") from error
    copy = SqliteStore(target)
    try:
        with copy.writing() as work:
            reason = f"restored from the backup of {at:%Y-%m-%d %H:%M} UTC: see which mails have gone out since"
            work.holds.hold("mail", reason=reason, actor="backup", at=at)
            return [(str(key), str(sha256)) for key, sha256 in work.execute(_STORED)]
    finally:
        copy.close()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())

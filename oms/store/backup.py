"""Copies a shop while it works (rule 51): the database as of one moment, every file of the archive that it names, and what lies beside.

What is copied holds mails back (rule 30): once it is put into force, mails that went out since the copy would go out again.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import CompoundSelect, Select, Table, func, select, union

from oms.errors import Conflict, OmsError, StoreUnavailable
from oms.ports.outside import Archive
from oms.store.archive import DatabaseArchive
from oms.store.dump import dump
from oms.store.mails import MESSAGES
from oms.store.papers import FILES, PAPER_FILES
from oms.store.postgres import PostgresStore
from oms.store.sqlite import BUSY_SECONDS, SqliteStore, require

DATABASE, DUMP, ARCHIVE = "oms.db", "oms.sql", "archive"
"""What a backup is made of: a file or, of a server, SQL; and the folder of the archive, unless the database holds it."""


def _material(files: Table) -> Select[Any]:
    """What files were made with. A key names the hash: `ab/abcd….zip`."""
    return select(files.c.made_with, func.substr(files.c.made_with, 4, 64)).where(files.c.made_with.is_not(None))


STORED: CompoundSelect[Any] = union(
    select(FILES.c.key, FILES.c.sha256),
    select(PAPER_FILES.c.key, PAPER_FILES.c.sha256),
    _material(FILES),
    _material(PAPER_FILES),
    select(MESSAGES.c.eml_key, MESSAGES.c.eml_sha256).where(MESSAGES.c.eml_key.is_not(None)),
)


@dataclass(frozen=True, slots=True)
class Backup:
    """What was copied, and what could not be."""

    database: Path  #: the copy
    files: int
    bytes: int
    beside: tuple[str, ...]  #: what else was copied, by its first folder: `config`, `processes`
    damaged: tuple[str, ...]  #: a sentence for each file that is lost, can't be read or is not what was stored


def back_up(store: SqliteStore | PostgresStore, archive: Archive, *, beside: Mapping[str, Path], folder: Path, at: datetime) -> Backup:
    """Copy a shop into a folder that is empty or not there yet. Files that can't be copied are told, the others are copied.

    Args:
        store: The database in use; nobody has to stop working on it.
        archive: Where the files are; it checks their hashes.
        beside: What else belongs to a shop: name in the copy to file or folder.
        folder: Where to.
        at: Stands in the reason why the copy holds mails back, in its zone.

    Raises:
        Conflict: there is something in the folder.
        StoreUnavailable: there is no database, or it can't be read.
    """
    if isinstance(store, SqliteStore):
        require(store.path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(f"{folder} is not empty. A backup goes into a folder of its own: name another one.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    reason = f"restored from the backup of {at:%Y-%m-%d %H:%M %Z}: see which mails have gone out since"
    if isinstance(store, SqliteStore):
        database, files = _copy_file(store, folder, reason=reason, at=at)
    else:
        database, files = _dump(store, folder, reason=reason, at=at)
    copied, size = 0, 0
    damaged = [fault for name, source in beside.items() for fault in _copy(source, folder / name)]
    for key, sha256 in files:
        try:
            data = archive.get(key)
        except OmsError as error:
            damaged.append(str(error))
            continue
        if hashlib.sha256(data).hexdigest() != sha256:
            damaged.append(f"{key} is not the file that the database names: its SHA-256 differs.")
            continue
        if not isinstance(archive, DatabaseArchive):  # which is in the copy of the database already
            _write(folder / ARCHIVE / key, data, mode=0o400)
        copied, size = copied + 1, size + len(data)
    folders = dict.fromkeys(Path(name).parts[0] for name in beside if (folder / name).exists())
    return Backup(database, copied, size, tuple(folders), tuple(damaged))


def _dump(store: PostgresStore, folder: Path, *, reason: str, at: datetime) -> tuple[Path, list[tuple[str, str]]]:
    """As `_copy_file`; what was stored while it was made may be among the files, too."""
    target = folder / DUMP
    dump(store, target, reason=reason, at=at)
    with store.reading() as work:
        return target, [(str(key), str(sha256)) for key, sha256 in work.execute(STORED)]


def _copy_file(store: SqliteStore, folder: Path, *, reason: str, at: datetime) -> tuple[Path, list[tuple[str, str]]]:
    """One consistent copy; returns it and the files that it names, as (key, SHA-256). They were all stored before it was made."""
    target = folder / DATABASE
    target.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(f"{store.path.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise StoreUnavailable(f"The database {store.path} can't be copied: {error}.") from error
    copy = SqliteStore(target)
    try:
        with copy.writing() as work:
            work.holds.hold("mail", reason=reason, actor="backup", at=at)
            return target, [(str(key), str(sha256)) for key, sha256 in work.execute(STORED)]
    finally:
        copy.close()


def _copy(source: Path, target: Path) -> Iterator[str]:
    """A file, or all files of a folder. Yields a sentence for each that can't be read."""
    files = sorted(path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts) if source.is_dir() else [source]
    for file in files:
        try:
            data = file.read_bytes()
        except OSError as error:
            yield f"{file} can't be read: {error.strerror}."
            continue
        _write(target / file.relative_to(source), data, mode=0o600)


def _write(path: Path, data: bytes, *, mode: int) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())

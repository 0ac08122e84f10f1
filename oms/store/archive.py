"""The archive in the database: whichever host rendered a paper, every other one delivers it."""

from __future__ import annotations

import hashlib

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore  # SQLite writes ON CONFLICT alike

from oms.errors import FileDamaged, NotFound
from oms.ports.keys import sha256_in, stored_file
from oms.ports.outside import StoredFile
from oms.store.sql_store import SqlStore
from oms.store.tables import ArchiveRow, table_of

ARCHIVE = table_of(ArchiveRow)

_ADD = insert_or_ignore(ARCHIVE).on_conflict_do_nothing()
_ERASE = delete(ARCHIVE).where(ARCHIVE.c.key == bindparam("wanted"))
_GET = select(ARCHIVE.c.data).where(ARCHIVE.c.key == bindparam("wanted"))


class DatabaseArchive:
    """`oms.ports.outside.Archive` in a table of its own: rows are added and never changed; one goes only where it is written that it is erased."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def put(self, data: bytes, *, suffix: str) -> StoredFile:
        """Store bytes for good; when this returns they survive a power cut of the server."""
        stored = stored_file(data, suffix=suffix)
        with self._store.writing() as work:
            row = {"key": stored.key, "sha256": stored.sha256, "size": stored.size, "data": data, "created_at": work.now()}
            work.execute(_ADD, row)
        return stored

    def get(self, key: str) -> bytes:
        """The bytes, as they were stored.

        Raises:
            NotFound: there are none of this key.
            FileDamaged: they were changed since.
        """
        sha256 = sha256_in(key)
        if sha256 is None:
            raise NotFound(f"The archive has no file {key[:80]!r}: that is no key of its making.")
        with self._store.reading() as work:
            data = work.execute(_GET, {"wanted": key}).scalar()
        if data is None:
            raise NotFound(f"The archive has lost {key} (in {self._store.name}). Restore it from a backup.")
        if hashlib.sha256(data).hexdigest() != sha256:
            raise FileDamaged(f"{key} (in {self._store.name}) is not what was stored: its SHA-256 differs. Restore it from a backup.")
        return bytes(data)

    def erase(self, key: str) -> None:
        """Delete what is to go; the database refuses any other."""
        with self._store.writing() as work:
            work.execute(_ERASE, {"wanted": key})

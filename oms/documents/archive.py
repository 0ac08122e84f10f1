"""The archive: files that never change, named by their content. It keeps bytes; what they mean stands in the database.

A file is stored under its SHA-256, so storing the same bytes twice is storing them once, and reading can tell whether they
are still the bytes that were stored. Nothing is deleted but what was erased of a customer.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from oms.errors import FileDamaged, NotFound
from oms.ports.keys import sha256_in, stored_file
from oms.ports.outside import StoredFile


class FolderArchive:
    """An archive in a folder of this machine, mode 0700; its files are read-only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, data: bytes, *, suffix: str) -> StoredFile:
        """Store bytes for good; when this returns they survive a power cut.

        Args:
            data: The whole file.
            suffix: `.pdf`, `.eml` …: for people who look into the folder.
        """
        stored = stored_file(data, suffix=suffix)
        path = self._folder / stored.key
        if not _holds(path, stored.sha256):
            path.parent.mkdir(mode=0o700, exist_ok=True)
            _write(path, data)
            _sync_folder(self._folder)
        return stored

    def get(self, key: str) -> bytes:
        """The bytes, as they were stored.

        Raises:
            NotFound: there is no such file.
            FileDamaged: the file was changed since.
        """
        sha256 = sha256_in(key)
        if sha256 is None:
            raise NotFound(f"The archive has no file {key[:80]!r}: that is no key of its making.")
        try:
            data = (self._folder / key).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f"The archive has lost {key} (in {self._folder}). Restore it from a backup.") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise FileDamaged(f"{key} (in {self._folder}) is not what was stored: its SHA-256 differs. Restore it from a backup.")
        return data

    def erase(self, key: str) -> None:
        """Delete a file; when this returns it is gone after a power cut, too. One that isn't there is no fault."""
        path = self._folder / key
        if sha256_in(key) is not None and path.exists():
            path.unlink(missing_ok=True)
            _sync_folder(path.parent)


def _holds(path: Path, sha256: str) -> bool:
    """Whether the file is there and whole: a damaged one is written again when its true bytes come along."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except FileNotFoundError:
        return False


def _write(path: Path, data: bytes) -> None:
    """A reader sees the whole file or none, whatever happens in between, and who is killed leaves nothing behind where the system can do that."""
    if not _write_unnamed(path, data):
        _write_beside(path, data)


def _write_unnamed(path: Path, data: bytes) -> bool:
    """Write a file that has no name, fsync, then name it. False: this system or disk can't, or another file has the name."""
    if not hasattr(os, "O_TMPFILE"):  # Linux only
        return False
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with os.fdopen(os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, 0o400), "wb") as file:
            _fill(file, data)
            os.link(f"/proc/self/fd/{file.fileno()}", path.name, dst_dir_fd=folder, follow_symlinks=True)
        os.fsync(folder)
    except FileExistsError:
        return _holds(path, hashlib.sha256(data).hexdigest())
    except OSError as error:
        if error.errno in {errno.ENOTSUP, errno.EISDIR, errno.ENOENT, errno.EINVAL, errno.EXDEV}:
            return False
        raise
    finally:
        os.close(folder)
    return True


def _write_beside(path: Path, data: bytes) -> None:
    """Write beside, fsync, rename."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            _fill(file, data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _fill(file: BinaryIO, data: bytes) -> None:
    file.write(data)
    file.flush()
    os.fchmod(file.fileno(), 0o444)
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """A rename is lost by a power cut until its folder is synced."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""How the archive names its files: by the SHA-256 of their bytes, so that a name can't lie and the same bytes are stored once.

Who hands out a file reads it by `stored_bytes`: a row may name another file than the one that was stored for it.
"""

from __future__ import annotations

import hashlib
import re

from oms.errors import FileDamaged
from oms.ports.outside import Archive, StoredFile

_KEY = re.compile(r"([0-9a-f]{2})/([0-9a-f]{64})\.[a-z0-9]{1,8}", re.ASCII)
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}", re.ASCII)


def stored_file(data: bytes, *, suffix: str) -> StoredFile:
    """What these bytes are called.

    Args:
        data: The whole file.
        suffix: `.pdf`, `.eml` …: for people who look at the names.

    Raises:
        ValueError: the suffix is something else.
    """
    if _SUFFIX.fullmatch(suffix) is None:
        raise ValueError(f"A suffix is a dot and up to 8 letters or digits, like `.pdf`; not {suffix!r}.")
    sha256 = hashlib.sha256(data).hexdigest()
    return StoredFile(sha256, len(data), f"{sha256[:2]}/{sha256}{suffix}")


def sha256_in(key: str) -> str | None:
    """The hash that a key names; None: it is no key of an archive's making."""
    match = _KEY.fullmatch(key)
    return match[2] if match is not None and match[2].startswith(match[1]) else None


def stored_bytes(archive: Archive, key: str, *, sha256: str | None) -> bytes:
    """The file that a row names, if it is still the one that was stored for it; nobody is ever given another one.

    Args:
        archive: Has the files.
        key: As the row has it.
        sha256: The hash that the row has beside it.

    Raises:
        NotFound: there is no such file.
        FileDamaged: it is damaged, or it is another one than the row's hash says.
    """
    data = archive.get(key)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FileDamaged(f"{key} is another file than the one that was stored here: its SHA-256 differs. Restore the database from a backup.")
    return data

"""Secrets that the shop makes itself: files that only their owner reads."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from oms.errors import InvalidSettings, Problem

_BYTES = 32


def link_key(path: Path) -> bytes:
    """The key that signs links to documents; made at the first time, mode 0600.

    Raises:
        InvalidSettings: it can't be read or made, or is none.
    """
    try:
        if not path.exists():
            _make(path)
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise InvalidSettings([Problem("config/oms.toml: links.key_file", f"{path} can't be used: {error}.")]) from error
    if len(key) < _BYTES:
        sentence = f"{path} holds {len(key)} bytes, a key has {_BYTES}. Delete it, and a new one is made: links that were given away end."
        raise InvalidSettings([Problem("config/oms.toml: links.key_file", sentence)])
    return key


def _make(path: Path) -> None:
    """Of two that make it at once, the first one counts."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()

"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import typer


@contextmanager
def written(target: Path) -> Iterator[IO[bytes]]:
    """A file under another name, that gets its own when the block ends well.

    Raises:
        typer.BadParameter: it can't be written there.
    """
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise typer.BadParameter(f"{target} can't be written: {error.strerror}.", param_hint="-o") from error
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # noqa: PTH101 - as any file that a command writes
        os.replace(name, target)  # noqa: PTH105
        _sync(target.parent)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise


def _sync(folder: Path) -> None:
    """A name is lost by a power cut until its folder is synced."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

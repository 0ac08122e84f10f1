"""A ZIP that is written from its beginning to its end: the library's, with dates and rights that do not hang on the day and the machine."""

from __future__ import annotations

import shutil
from datetime import date
from io import RawIOBase
from types import TracebackType
from typing import IO, Any, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_MODE = 0o100644 << 16
"""A file that its owner writes and everybody reads."""
_FIRST_YEAR, _LAST_YEAR = 1980, 2107
"""What the format's dates can say."""


class ZipWriter:
    """The same calls give the same bytes: files bear the date that is given, at midnight. In memory are one file, and a line on each."""

    def __init__(self, out: IO[bytes]) -> None:
        """Nothing is written yet.

        Args:
            out: Where to, at its beginning.
        """
        self._zip = ZipFile(out, "w", allowZip64=True)

    def add(self, name: str, data: bytes, *, on: date, packed: bool = True) -> None:
        """One file.

        Args:
            name: With `/` between folders.
            data: All of it.
            on: Its date.
            packed: Whether it is made smaller. PDFs are small already.
        """
        self._zip.writestr(_entry(name, on, method=ZIP_DEFLATED if packed else ZIP_STORED), data)

    def add_file(self, name: str, file: IO[bytes], *, on: date) -> None:
        """A file of any size, as it is."""
        file.seek(0)
        with self._zip.open(_entry(name, on, method=ZIP_STORED), "w", force_zip64=True) as target:
            shutil.copyfileobj(file, target)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None) -> None:
        """Write the table of contents; whoever failed throws the file away."""
        self._zip.close()


class Sink(RawIOBase):
    """Takes what a ZIP writes, and gives it away piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: Any, /) -> int:
        """Take it."""
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _entry(name: str, on: date, *, method: int) -> ZipInfo:
    entry = ZipInfo(name, (min(max(on.year, _FIRST_YEAR), _LAST_YEAR), on.month, on.day, 0, 0, 0))
    entry.compress_type, entry.external_attr, entry.create_system = method, _MODE, 3
    return entry

"""Writes a ZIP of any number of files with the memory of one. `zipfile` of the standard library keeps a record of every file until the end.

Format: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 (records) and 4.5.3 (ZIP64). Each file is in memory while it is written, so that its size stands
before it. The table of contents is collected in a file and copied to the end.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterator
from datetime import date
from types import TracebackType
from typing import IO, Self

_STORED, _DEFLATED = 0, 8
_CHUNK = 1 << 16
_NAME_IS_UTF8 = 0x800
_UNIX = 3 << 8
_MODE = 0o100644 << 16
"""A file that its owner writes and everybody reads."""
_VERSION, _VERSION_64 = 20, 45
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
"""Stand for: see the record of ZIP64."""
_FIRST_YEAR, _LAST_YEAR = 1980, 2107
"""What the format's dates can say."""


class ZipWriter:
    """A ZIP that is written from its beginning to its end. The same calls give the same bytes: files bear the date that is given, at midnight."""

    def __init__(self, out: IO[bytes]) -> None:
        """Nothing is written yet.

        Args:
            out: Where to, at its beginning.
        """
        self._out = out
        self._contents = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._at = 0
        self.files = 0

    def add(self, name: str, data: bytes, *, on: date, packed: bool = True) -> None:
        """One file.

        Args:
            name: With `/` between folders.
            data: All of it.
            on: Its date.
            packed: Whether it is made smaller. PDFs are small already.
        """
        stored = zlib.compress(data, 9, wbits=-15) if packed else data
        self._begin(name, on=on, method=_DEFLATED if packed else _STORED, crc=zlib.crc32(data), packed=len(stored), size=len(data))
        self._write(stored)

    def add_file(self, name: str, file: IO[bytes], *, on: date) -> None:
        """A file of any size, as it is."""
        file.seek(0)
        crc = size = 0
        for chunk in _chunks(file):
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
        file.seek(0)
        self._begin(name, on=on, method=_STORED, crc=crc, packed=size, size=size)
        for chunk in _chunks(file):
            self._write(chunk)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None) -> None:
        """Write the table of contents, unless something failed."""
        try:
            if kind is None:
                self._finish()
        finally:
            self._contents.close()

    def _begin(self, name: str, *, on: date, method: int, crc: int, packed: int, size: int) -> None:
        """The record before a file's bytes, and its line in the table of contents."""
        encoded, start = name.encode(), self._at
        is_large = max(packed, size) >= _FULL_32
        extra = struct.pack("<HHQQ", 1, 16, size, packed) if is_large else b""
        sizes = (_FULL_32, _FULL_32) if is_large else (packed, size)
        told = struct.pack("<HHHHIII", _NAME_IS_UTF8, method, 0, _dos_date(on), crc, *sizes)
        self._write(struct.pack("<IH", 0x04034B50, _VERSION_64 if is_large else _VERSION) + told + struct.pack("<HH", len(encoded), len(extra)))
        self._write(encoded + extra)
        self._list(encoded, told, start=start, large=extra[4:])

    def _list(self, name: bytes, told: bytes, *, start: int, large: bytes) -> None:
        is_far = start >= _FULL_32
        wide = large + (struct.pack("<Q", start) if is_far else b"")
        extra = struct.pack("<HH", 1, len(wide)) + wide if wide else b""
        needs = _VERSION_64 if wide else _VERSION
        head = struct.pack("<IHH", 0x02014B50, _UNIX | needs, needs) + told
        tail = struct.pack("<HHHHHII", len(name), len(extra), 0, 0, 0, _MODE, _FULL_32 if is_far else start)
        self._contents.write(head + tail + name + extra)
        self.files += 1

    def _finish(self) -> None:
        start, size = self._at, self._contents.tell()
        self._contents.seek(0)
        shutil.copyfileobj(self._contents, self._out)
        if self.files >= _FULL_16 or max(start, size) >= _FULL_32:
            end = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, _UNIX | _VERSION_64, _VERSION_64, 0, 0, self.files, self.files, size, start)
            self._out.write(end + struct.pack("<IIQI", 0x07064B50, 0, start + size, 1))
        files, size, start = min(self.files, _FULL_16), min(size, _FULL_32), min(start, _FULL_32)
        self._out.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, files, files, size, start, 0))

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _dos_date(on: date) -> int:
    year = min(max(on.year, _FIRST_YEAR), _LAST_YEAR)
    return (year - _FIRST_YEAR) << 9 | on.month << 5 | on.day

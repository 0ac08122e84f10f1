"""What papers are made of: the files of the template folders and the programs that print, as one file that can print them again.

```
made_with.json               the programs with their versions, and the SHA-256 of each file
0/invoices/invoice.html …    the files of the first folder, the shop's own
1/fonts/Inter-Regular.ttf …  those of the second one, the shipped ones
```
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from threading import Lock

from oms.errors import FileDamaged
from oms.ports.outside import Material

MADE_WITH = "made_with.json"
SCHEMA = 1

_SUFFIXES = frozenset({".html", ".css", ".toml", ".txt", ".svg", ".png", ".jpg", ".jpeg", ".ttf", ".otf"})
"""What a paper can be made of. Whatever else lies in the folders is none of its business."""
_MAILS = "mails"
_DEEPEST = 8
"""Folders in folders: a link that leads back to its own folder ends here."""
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The date of every file: only what they hold tells two bundles apart."""
_READ_BY_ALL = 0o100444 << 16

Mark = tuple[tuple[str, int, int, int], ...]
"""Name, size, time of change and number of each file: another mark, other files."""


class Stock:
    """The template folders. They are looked at for each paper, and read when something has changed."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Nothing is read yet.

        Args:
            folders: The template folders, the shop's first.
        """
        self._folders = tuple(folders)
        self._lock = Lock()
        self._packed: tuple[Mark, Material] | None = None

    def mark(self) -> Mark:
        """What tells whether a file was changed, without reading one: about 0.1 ms."""
        return tuple((name, stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, _, stat in self._files())

    def material(self, programs: Callable[[], Mapping[str, str]]) -> Material:
        """All of it as it is now.

        Args:
            programs: Says what prints, with versions. Asked when the files are read.
        """
        mark = self.mark()
        with self._lock:
            if self._packed is None or self._packed[0] != mark:
                self._packed = mark, self._pack(programs())
            return self._packed[1]

    def _pack(self, programs: Mapping[str, str]) -> Material:
        contents = dict[str, bytes]()
        for name, path, _ in self._files():
            with suppress(OSError):  # nobody prints what can't be read
                contents[name] = path.read_bytes()
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
        about = {"schema": SCHEMA, "layers": len(self._folders), "programs": dict(programs), "files": hashes}
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as bundle:
            for name, data in {MADE_WITH: json.dumps(about, sort_keys=True, indent=1).encode(), **contents}.items():
                info = zipfile.ZipInfo(name, _FIRST_DAY)
                info.external_attr, info.create_system = _READ_BY_ALL, 3
                bundle.writestr(info, data)
        return Material(hashlib.sha256(out.getvalue()).hexdigest(), out.getvalue())

    def _files(self) -> Iterator[tuple[str, Path, os.stat_result]]:
        """Each with its name in the bundle, in the order of the names."""
        for number, folder in enumerate(self._folders):
            yield from sorted(_below(str(folder), str(number), deep=0), key=lambda file: file[0])


def unpack(material: bytes, room: Path) -> tuple[tuple[Path, ...], Mapping[str, str]]:
    """The template folders as they were, and the programs that printed with them.

    Args:
        material: A bundle of the archive.
        room: An empty folder.

    Raises:
        FileDamaged: it is no bundle of ours.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(material)) as bundle:
            about = json.loads(bundle.read(MADE_WITH))
            folders = tuple(room / str(number) for number in range(about["layers"]))
            for folder in folders:
                folder.mkdir()
            for name, sha256 in about["files"].items():
                _write(room, name, bundle.read(name), sha256)
            return folders, dict(about["programs"])
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, OSError) as error:
        raise FileDamaged(f"What it was made with can't be read: {error}.") from error


def _write(room: Path, name: str, data: bytes, sha256: str) -> None:
    if ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute() or hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{name} is no file of a bundle")
    path = room / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _below(folder: str, name: str, *, deep: int) -> Iterator[tuple[str, Path, os.stat_result]]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or not entry.name.isprintable() or (deep == 0 and entry.name == _MAILS):
                continue
            with suppress(OSError):
                if entry.is_dir():
                    if deep < _DEEPEST:
                        yield from _below(entry.path, f"{name}/{entry.name}", deep=deep + 1)
                elif entry.is_file() and entry.name[entry.name.rfind(".") :].lower() in _SUFFIXES:
                    yield f"{name}/{entry.name}", Path(entry.path), entry.stat()

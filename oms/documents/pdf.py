"""PDFs, made in a child process that may die (rule 37). This module is the parent's side; it never loads WeasyPrint.

The child is a fresh interpreter, not a fork and not `multiprocessing`'s spawn: that one runs the caller's main script
again, and a shop's five-line script would place its order twice.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Timer
from types import MappingProxyType
from typing import IO

from oms.errors import RenderFailed

log = logging.getLogger(__name__)

HTML_LIMIT = 5_000_000
"""Bytes of HTML; 2,000 order lines need about 2 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one document may use."""

    cpu_seconds: int = 20
    wall_seconds: float = 60
    memory_mb: int = 512
    documents: int = 200  #: after so many the child is replaced


class PdfChild:
    """Turns HTML into PDF, one document at a time. One per worker slot; starts its process with the first document."""

    def __init__(self, folders: Sequence[Path], *, limits: Limits | None = None) -> None:
        """Args:
        folders: Where `asset:` names are looked up and fonts lie (`fonts/`); the first folder that has a name wins.
        limits: Other limits than rule 37's.
        """
        self._folders = tuple(folder.resolve() for folder in folders)
        self._limits = limits or Limits()
        self._lock = Lock()
        self._process: _Process | None = None

    def write(self, html: str, *, identifier: str, created_at: datetime, title: str = "", assets: Mapping[str, str] = MappingProxyType({})) -> bytes:
        """The PDF. The same arguments give the same bytes, in every process and folder.

        Args:
            html: The whole document; it reaches nothing but `asset:` names.
            identifier: Becomes the PDF's ID.
            created_at: Stands in the PDF as its date; the clock is not read.
            title: Stands in the PDF as its title; empty = the HTML's.
            assets: Further names → file, relative to one of the folders.

        Raises:
            RenderFailed: this document can't be made; the next one may.
        """
        text = html.encode()
        if len(text) > HTML_LIMIT:
            raise RenderFailed(f"The document is too long to be printed: {len(text):,} bytes of HTML, at most {HTML_LIMIT:,}.")
        head = {"identifier": identifier, "created_at": created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "title": title, "assets": dict(assets)}
        with self._lock:
            process = self._process or _Process(self._folders, self._limits)
            self._process = None
            try:
                answer, pdf = process.ask(head, text)
            except BaseException:
                process.end()
                raise
            if process.asked < self._limits.documents:
                self._process = process
            else:
                process.end()
        for warning in answer["warnings"]:
            log.warning("PDF %s: %s", identifier, warning)
        if answer["error"]:
            raise RenderFailed(f"The document can't be printed: {answer['error']}")
        return pdf

    def close(self) -> None:
        """End the child."""
        with self._lock:
            process, self._process = self._process, None
            if process is not None:
                process.end()


class _Process:
    """One life of a child."""

    def __init__(self, folders: Sequence[Path], limits: Limits) -> None:
        self._limits = limits
        self.asked = 0
        self._room = tempfile.TemporaryDirectory(prefix="oms-pdf-")
        room = Path(self._room.name)
        self._complaints = (room / "stderr").open("w+b")
        start = {"folders": [str(folder) for folder in folders], "room": str(room), "cpu_seconds": limits.cpu_seconds, "memory_mb": limits.memory_mb}
        paths = [entry or str(Path.cwd()) for entry in sys.path]
        code = "import json, sys; start = json.loads(sys.argv[1]); sys.path[:] = start['paths']; from oms.documents.pdf_child import main; main(start)"
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-I", "-c", code, json.dumps(start | {"paths": paths})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env=_environment(folders, room),
            cwd=room,
        )

    def ask(self, head: Mapping[str, object], html: bytes) -> tuple[dict[str, object], bytes]:
        """Have one document made, within the wall clock's limit."""
        self.asked += 1
        late = Timer(self._limits.wall_seconds, self._process.kill)
        late.daemon = True
        late.start()
        try:
            send(_pipe(self._process.stdin), json.dumps(head).encode())
            send(_pipe(self._process.stdin), html)
            answer = receive(_pipe(self._process.stdout))
            return json.loads(answer), receive(_pipe(self._process.stdout))
        except (OSError, EOFError) as error:
            raise RenderFailed(self._obituary()) from error
        finally:
            late.cancel()

    def end(self) -> None:
        """Kill the child, whatever it is doing, and tidy up after it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._complaints):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # a half-written frame can't be flushed to the dead
                    continue
        self._room.cleanup()

    def _obituary(self) -> str:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "The document can't be printed: the PDF process closed its pipe."
        if code == -signal.SIGKILL:
            return f"The document can't be printed: it took longer than {self._limits.wall_seconds:g} s."
        if code == -signal.SIGXCPU:
            return f"The document can't be printed: it took more than {self._limits.cpu_seconds} s of computing."
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        self._complaints.seek(0)
        last = self._complaints.read()[-2000:].decode("utf-8", "replace").strip().rpartition("\n")[2]
        return f"The document can't be printed: the PDF process died ({name}). {last}".strip()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EOFError
    return pipe


def _environment(folders: Sequence[Path], room: Path) -> dict[str, str]:
    """Fontconfig reads its file once, when the library is loaded: it must be named before the child starts."""
    dirs = "".join(f"<dir>{_xml(str(folder / 'fonts'))}</dir>" for folder in folders)
    config = room / "fonts.conf"
    config.write_text(f'<?xml version="1.0"?>\n<fontconfig>{dirs}<cachedir>{_xml(str(room))}</cachedir></fontconfig>\n', encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "LANG", "TMPDIR"}}
    return kept | {"FONTCONFIG_FILE": str(config), "HOME": str(room), "TZ": "UTC", "SOURCE_DATE_EPOCH": "0"}


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def send(pipe: IO[bytes], content: bytes) -> None:
    """Write one frame: its length, then its bytes."""
    pipe.write(struct.pack(">Q", len(content)) + content)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """Read one frame.

    Raises:
        EOFError: the other side is gone.
    """
    (length,) = struct.unpack(">Q", _exactly(pipe, 8))
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content

"""One life of the rendering child: start it, ask it over a pipe, bury it. What it renders is none of its business."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from threading import Timer
from typing import IO, TypedDict

from oms.documents.frames import receive, send
from oms.errors import RenderFailed

_KEPT = frozenset({"PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"})
"""What the child inherits: no secret, no proxy, no locale."""

_BOOT = """import gc, json, sys
gc.disable()
start = json.loads(sys.argv[1])
sys.path[:] = start["paths"]
from oms.documents.pdf_child import main
main(start)
"""


_LARGEST = 1_000
"""KB of a snapshot. An order makes one of 700 KB at most; whatever is larger gets no more than this."""
_CPU, _WALL, _MEMORY = 0.4, 1.2, 1.0
"""Seconds of computing, seconds, and MB for each KB: three times what was measured for long names, and for many short lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one document may use; a large one gets more."""

    cpu_seconds: int = 20
    wall_seconds: float = 60
    memory_mb: int = 512  #: address space
    documents: int = 200  #: after so many the child is replaced

    def grown(self, size: int) -> Limits:
        """For a snapshot of so many bytes."""
        more = min(size / 1024, _LARGEST)
        return replace(
            self,
            cpu_seconds=self.cpu_seconds + round(more * _CPU),
            wall_seconds=self.wall_seconds + round(more * _WALL),
            memory_mb=self.memory_mb + round(more * _MEMORY),
        )


class Answer(TypedDict):
    """What the child says beside the content."""

    error: str  #: empty: it worked
    warnings: list[str]
    spent: bool  #: it ran out of memory and shouldn't be asked again


class Process:
    """A running child. After `RenderFailed` only `end` is of use."""

    def __init__(self, folders: Sequence[Path], *, press: bool) -> None:
        self._late = False
        self.asked = 0
        self._room = tempfile.TemporaryDirectory(prefix="oms-render-")
        room = Path(self._room.name)
        self._complaints = (room / "complaints").open("w+b")
        start = {
            "folders": [str(folder) for folder in folders],
            "room": str(room),
            "press": press,
            "paths": [entry or str(Path.cwd()) for entry in sys.path],
        }
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-I", "-c", _BOOT, json.dumps(start)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env=_environment(folders, room),
            cwd=room,
        )

    def ask(self, task: bytes, limits: Limits) -> tuple[Answer, bytes]:
        """Have one document made, within its limits."""
        self.asked += 1
        alarm = Timer(limits.wall_seconds, self._interrupt)
        alarm.daemon = True
        alarm.start()
        try:
            send(_open(self._child.stdin), json.dumps({"cpu_seconds": limits.cpu_seconds, "memory_mb": limits.memory_mb}).encode())
            send(_open(self._child.stdin), task)
            answer: Answer = json.loads(receive(_open(self._child.stdout)))
            return answer, receive(_open(self._child.stdout))
        except (OSError, EOFError) as error:
            raise RenderFailed(f"The document can't be made: {self._cause_of_death(limits)}") from error
        finally:
            alarm.cancel()

    def end(self) -> None:
        """Kill the child, whatever it is doing, and tidy up after it."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout, self._complaints):
            if pipe is not None:
                with contextlib.suppress(OSError):  # half a frame can't be flushed to the dead
                    pipe.close()
        self._room.cleanup()

    def _interrupt(self) -> None:
        self._late = True
        self._child.kill()

    def _cause_of_death(self, limits: Limits) -> str:
        try:
            code = self._child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "the rendering process closed its pipe."
        if self._late:
            return f"it took longer than {limits.wall_seconds:g} s."
        if code == -signal.SIGXCPU:
            return f"it took more than {limits.cpu_seconds} s of computing."
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        self._complaints.seek(0)
        last = self._complaints.read()[-2000:].decode("utf-8", "replace").strip().rpartition("\n")[2]
        return f"the rendering process died ({how}). {last}".strip()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EOFError
    return pipe


def _environment(folders: Sequence[Path], room: Path) -> dict[str, str]:
    """Fontconfig reads its file when the library is loaded, so it must be named before: only our fonts are known, on every system."""
    dirs = "".join(f"<dir>{escape(str(folder / 'fonts'))}</dir>" for folder in folders)
    config = room / "fonts.conf"
    config.write_text(f'<?xml version="1.0"?>\n<fontconfig>{dirs}<cachedir>{escape(str(room))}</cachedir></fontconfig>\n', encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    return kept | {"FONTCONFIG_FILE": str(config), "TMPDIR": str(room), "HOME": str(room), "TZ": "UTC", "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "0"}

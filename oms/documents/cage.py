"""What the rendering child may not do. Called in the child alone: nothing here can be taken back."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

_REFUSED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "ctypes.dlopen")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def limit_memory(megabytes: int) -> None:
    """Bound the address space. macOS knows the limit but doesn't keep it."""
    _soften(resource.RLIMIT_AS, megabytes * 1024 * 1024)


def allow_cpu(seconds: int) -> None:
    """So many seconds more: the system counts from the start of the process."""
    _soften(resource.RLIMIT_CPU, int(sum(os.times()[:2])) + 1 + seconds)


def close_doors(room: Path) -> None:
    """From now on: no socket, no new process, no file written outside the room.

    A second wall behind the fetcher: whatever a template or a library tries in Python is refused.
    """
    inside = os.path.realpath(room) + os.sep

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(_REFUSED):
            raise PermissionError(f"a document may not do this: {event}")
        if (
            event == "open"
            and isinstance(arguments[0], str)
            and isinstance(arguments[2], int)
            and arguments[2] & _WRITES
            and not os.path.realpath(arguments[0]).startswith(inside)
        ):
            raise PermissionError(f"a document may not write {arguments[0]}")

    sys.addaudithook(refuse)


def _soften(what: int, soft: int) -> None:
    """Lower the soft limit; where the system has no such limit, the parent's clock remains."""
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))

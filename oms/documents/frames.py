"""Bytes over a pipe: length first, then content. Both sides of the rendering child use it."""

from __future__ import annotations

import struct
from typing import IO


def send(pipe: IO[bytes], content: bytes) -> None:
    """Write one frame."""
    pipe.write(struct.pack(">Q", len(content)))
    pipe.write(content)
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

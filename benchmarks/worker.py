"""A worker as a process of its own, which begins when it is told to: `python -m benchmarks.worker SHOP`.

Each line on stdin is an order to do all jobs that are due; it is answered with their number.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Self

from oms.bootstrap import open_shop
from oms.engine.draining import run_due_jobs


class Worker:
    """The parent's side."""

    def __init__(self, folder: Path) -> None:
        """Starts the process for the shop in this folder."""
        command = [sys.executable, "-m", "benchmarks.worker", str(folder)]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        _open(self._child.stdin).close()
        self._child.wait()
        _open(self._child.stdout).close()

    def begin(self) -> None:
        """Do all that is due."""
        _open(self._child.stdin).write("\n")

    def done(self) -> int:
        """How many jobs it did, when it has found no more."""
        return int(_open(self._child.stdout).readline())


def _open(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def main() -> None:
    """The child's side: until stdin is closed."""
    with open_shop(Path(sys.argv[1])) as shop:
        for _ in sys.stdin:
            done = 0
            while batch := run_due_jobs(shop.engine, worker=f"worker {os.getpid()}", most=1):
                done += batch
            print(done, flush=True)


if __name__ == "__main__":
    main()

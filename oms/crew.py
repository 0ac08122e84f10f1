"""Several workers at once: each is `oms work` in a process of its own. Whoever dies is replaced; what it did is taken over when its lease ends."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

log = logging.getLogger(__name__)

TOO_SOON = 5.0
"""Seconds. Who ends by itself earlier than that can't work at all: the others are ended, and its exit code is the crew's."""


class Crew:
    """Starts workers and waits for them; does no work of its own."""

    def __init__(self, words: Sequence[str], *, count: int) -> None:
        """Nothing is started yet.

        Args:
            words: After `oms`: how each is called.
            count: How many.
        """
        self._command = [sys.executable, "-m", "oms", *words]
        self._count = count
        self._workers: dict[int, tuple[subprocess.Popen[bytes], float]] = {}
        self._signal: int | None = None

    def run(self) -> int:
        """Until SIGTERM or SIGINT, which each worker is told. Returns the exit code: that of one that failed at its start, else 0."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._pass_on)
        for _ in range(self._count):
            self._start()
        failed = 0
        while self._workers:
            failed = self._bury(*os.wait()) or failed
        return failed

    def _start(self) -> None:
        worker = subprocess.Popen(self._command, start_new_session=True)  # noqa: S603 - ourselves; Ctrl-C reaches it through us, and once
        self._workers[worker.pid] = (worker, time.monotonic())
        if self._signal is not None:  # it came meanwhile
            worker.send_signal(self._signal)

    def _bury(self, pid: int, status: int) -> int:
        """What becomes of the place of one that ended. Returns the code with which all are to end."""
        if pid not in self._workers:
            return 0
        worker, since = self._workers.pop(pid)
        worker.returncode = code = os.waitstatus_to_exitcode(status)
        if self._signal is not None:
            return 0
        if code > 0 and time.monotonic() - since < TOO_SOON:
            self._pass_on(signal.SIGTERM, None)
            return code
        log.warning("worker %d ended (%d): another one takes its place", pid, code)
        self._start()
        return 0

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        """A second signal ends them at once, as it does each of them."""
        self._signal = number
        for worker, _ in list(self._workers.values()):
            worker.send_signal(number)


def run_crew(words: Sequence[str], *, count: int) -> int:
    """So many workers, until they are told to stop. Returns the exit code."""
    return Crew(words, count=count).run()

"""Whether an e-invoice keeps the rules of EN 16931: its schema (XSD) and the official schematron. The parent's side.

Saxon aborts a process in which several threads make processors, so it lives in a child of its own. Nothing that can't be judged passes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from threading import Lock, Timer
from typing import IO

from oms.documents.frames import receive, send
from oms.errors import NotJudged
from oms.ports.outside import Judgement

_PATIENCE = 120
"""Seconds for one document, the start of the child included; 2,000 lines take ten."""


class Validator:
    """Judges one document at a time. Its process starts with the first one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def judge(self, xml: bytes) -> Judgement:
        """What is wrong with a CII or UBL document.

        Raises:
            NotJudged: the packages that know the rules are missing, or the child has died.
        """
        with self._lock:
            child = self._child or _start()
            self._child = None
            alarm = Timer(_PATIENCE, child.kill)
            alarm.daemon = True
            alarm.start()
            try:
                send(_open(child.stdin), xml)
                answer = json.loads(receive(_open(child.stdout)))
            except (OSError, EOFError) as error:
                _end(child)
                raise NotJudged("The e-invoice can't be judged: the process that judges it died or took too long.") from error
            finally:
                alarm.cancel()
            self._child = child
        if answer["error"]:
            raise NotJudged(f"The e-invoice can't be judged: {answer['error']}")
        return Judgement(answer["rules"], tuple(answer["faults"]))

    def close(self) -> None:
        """End the child."""
        with self._lock:
            if self._child is not None:
                _end(self._child)
                self._child = None


def _start() -> subprocess.Popen[bytes]:
    start = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from oms.documents.validator_child import main; main()"
    return subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-I", "-c", start, json.dumps([entry or "." for entry in sys.path])], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    for pipe in (child.stdin, child.stdout):
        _open(pipe).close()
    child.wait()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EOFError
    return pipe

"""Places where a test lets the process die, as kill -9 would. Does nothing unless OMS_TESTING=1 and OMS_FAILPOINT names one.

`OMS_FAILPOINT=trigger.before_commit:2` dies the second time that place is reached.
"""

from __future__ import annotations

import os
import signal

_WANTED, _, _HIT = os.environ.get("OMS_FAILPOINT", "").partition(":") if os.environ.get("OMS_TESTING") == "1" else ("", "", "")
_left = [int(_HIT or 1)]


def reach(name: str) -> None:
    """Called by the code at a place where a crash is interesting."""
    if name != _WANTED:
        return
    _left[0] -= 1
    if _left[0] == 0:
        os.write(2, f"failpoint {name} reached\n".encode())
        os.kill(os.getpid(), signal.SIGKILL)

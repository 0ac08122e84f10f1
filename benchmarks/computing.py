"""For how long a process has kept a core busy, whatever else the machine did meanwhile.

Read from Linux' /proc; elsewhere such figures are left out.
"""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")
KNOWN = (PROC / "self" / "stat").exists()
"""Whether it can be told here."""


def computed(process: int) -> float:
    """Seconds that this process and all that it has started have computed, in hundredths."""
    ticks = (PROC / f"{process}" / "stat").read_text().rpartition(")")[2].split()[11:15]  # user, system; the same of children that have ended
    running = [int(child) for thread in (PROC / f"{process}" / "task").iterdir() for child in (thread / "children").read_text().split()]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK") + sum(map(computed, running))

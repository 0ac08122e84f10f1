"""Measures, prints a Markdown table, and fails when a target is missed.

    python -m benchmarks [NAME …] [--quick]

Names are those of the modules. `--quick` shows that they work; its numbers are too small for a verdict. A rate that the raw code itself cannot reach
on this machine now is "out of reach here" and not judged; ratios always are.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import delivery, hops, numbers, papers, server, serving, timers, waiting
from benchmarks.figures import FULL, HEADER, QUICK, Figure, Size

BENCHMARKS: Mapping[str, Callable[[Path, Size], Sequence[Figure]]] = {
    "delivery": delivery.measure,
    "hops": hops.measure,
    "numbers": numbers.measure,
    "papers": papers.measure,
    "serving": serving.measure,
    "timers": timers.measure,
    "waiting": waiting.measure,
    "server": server.measure,
}
"""In the order of the table; what takes longest comes last."""


def main() -> int:
    """Returns 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure oms beside the best raw code.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(BENCHMARKS)}; none = all")
    parser.add_argument("--quick", action="store_true", help="small numbers, no verdict")
    wish = parser.parse_args()
    unknown = [name for name in wish.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; there are: {', '.join(BENCHMARKS)}")
    size = QUICK if wish.quick else FULL
    print(f"{size.blocks} blocks of each side, by turns; the median counts.\n\n{HEADER}", flush=True)
    missed = 0
    for name in wish.names or BENCHMARKS:
        with tempfile.TemporaryDirectory(prefix="oms-benchmarks-") as folder:
            for figure in BENCHMARKS[name](Path(folder), size):
                print(figure.line(), flush=True)
                missed += figure.missed
    return int(missed > 0 and not wish.quick)


if __name__ == "__main__":
    sys.exit(main())

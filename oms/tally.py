"""What a process counts for those who watch over it: numbers that only grow, and how long things took. Knows no database and no page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from threading import Lock

Key = tuple[str, tuple[tuple[str, str], ...]]
"""What was counted, and its labels by name."""

BUCKETS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds: upper ends of what is told apart."""
BUCKET, SUM = "_bucket", "_sum"
"""What follows a name whose times are kept: how many fell into a bucket (and into no smaller one), and all seconds together."""


class Tally:
    """Counts of one process; its threads share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[Key, float] = defaultdict(float)

    def count(self, name: str, number: float = 1, /, **labels: str) -> None:
        """It happened so many times."""
        with self._lock:
            self._counts[name, tuple(sorted(labels.items()))] += number

    def observe(self, name: str, seconds: float, /, **labels: str) -> None:
        """It took so long."""
        bucket = next((str(end) for end in BUCKETS if seconds <= end), "+Inf")
        self.count(name + BUCKET, 1, **labels, le=bucket)
        self.count(name + SUM, seconds, **labels)

    def counts(self) -> Mapping[Key, float]:
        """All so far."""
        with self._lock:
            return dict(self._counts)

    def take(self) -> Mapping[Key, float]:
        """All so far, to be written down elsewhere: from here on it counts anew."""
        with self._lock:
            taken, self._counts = self._counts, defaultdict(float)
            return taken

    def give_back(self, counts: Mapping[Key, float]) -> None:
        """They could not be written down."""
        with self._lock:
            for key, number in counts.items():
                self._counts[key] += number

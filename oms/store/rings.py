"""For which jobs a transaction rings, so that a worker looks at them as soon as it is committed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.engine import Connection


class Bell(Protocol):
    """Whoever brings the news to workers that listen."""

    def ring(self, connection: Connection, jobs: Sequence[tuple[str, str]]) -> None:
        """Let a worker look at these jobs (id and name of each) once the transaction of this connection is committed."""
        ...


class Rings:
    """What one transaction has to ring for, said in one statement at its end."""

    def __init__(self, connection: Connection, bell: Bell | None) -> None:
        self._connection, self._bell = connection, bell
        self._jobs: list[tuple[str, str]] = []

    @property
    def are_heard(self) -> bool:
        """Whether anybody listens; else jobs are looked for."""
        return self._bell is not None

    def add(self, job: str, name: str) -> None:
        """This one is ready."""
        if self._bell is not None:
            self._jobs.append((job, name))

    def mark(self) -> int:
        """How far it is: see `back_to`."""
        return len(self._jobs)

    def back_to(self, mark: int) -> None:
        """What came since was rolled back."""
        del self._jobs[mark:]

    def ring(self) -> None:
        """Say it all, as the last thing of the transaction."""
        if self._bell is not None and self._jobs:
            self._bell.ring(self._connection, self._jobs)
            self._jobs.clear()

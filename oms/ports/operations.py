"""Who works, and what was deployed when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A worker, and when it last said that it is there."""

    name: str
    queues: tuple[str, ...]  #: that it does; none: all
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """From then on new orders took that version."""

    process: str
    number: int
    at: datetime
    actor: str

"""What the worker finds to be due, with what is needed to do it."""

from __future__ import annotations

from dataclasses import dataclass

from oms.ports.records import Item, TimerRow


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose time has come, with what is needed to fire it."""

    timer: TimerRow
    version: int
    reference: str
    stale: bool  #: its stay is over: delete it


@dataclass(frozen=True, slots=True)
class DueLook:
    """An item to be looked at."""

    item: Item
    version: int

"""The port to deployed contents of process files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from oms.ports.operations import Deployment
from oms.ports.records import Version
from oms.process.findings import ProcessFile


@dataclass(frozen=True, slots=True)
class Content:
    """What is deployed."""

    sha256: str  #: of the graph: the same content is the same version
    graph: str  #: canonical JSON text
    source_sha256: str  #: of the bytes of file and parts
    files: tuple[ProcessFile, ...]  #: kept as they are when the content is first deployed; comments that change later make no version


class Versions(Protocol):
    """Deployed contents of process files."""

    def deployed(self, name: str) -> Version | None:
        """What new orders take."""
        ...

    def get(self, version: int) -> Version:
        """One version."""
        ...

    def all_deployed(self) -> list[Version]:
        """What new orders take, by process."""
        ...

    def of(self, name: str) -> list[Version]:
        """All contents that a process has had, the newest first."""
        ...

    def in_use(self) -> list[Version]:
        """Those that are deployed or that an open order follows, and those that none follows any more until that is counted."""
        ...

    def leave(self, followed: Collection[int], *, at: datetime) -> None:
        """Said by who has counted: open orders follow these versions; the others are in use only while they are deployed."""
        ...

    def open_orders(self) -> dict[int, int]:
        """Version to the number of orders that follow it and have an open item."""
        ...

    def deployments(self) -> list[Deployment]:
        """All, oldest first."""
        ...

    def files(self, *versions: int) -> dict[int, tuple[ProcessFile, ...]]:
        """Version to what somebody wrote; missing: it was deployed when nobody kept that."""
        ...

    def deploy(self, name: str, content: Content, *, actor: str, at: datetime) -> tuple[Version, bool]:
        """Let new orders take this content. False: they do already."""
        ...

"""Prints a paper again from what the archive keeps: with the files of then, and the programs of now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from oms.documents.pdf import PdfChild
from oms.documents.stock import unpack


class Reprinter:
    """`oms.ports.outside.Reprinter` with the files of one bundle."""

    def __init__(self, child: PdfChild, programs: Mapping[str, str]) -> None:
        self._child, self._programs = child, programs

    def invoice(self, snapshot: Mapping[str, object], *, store: str, identifier: str, created_at: datetime, xml: str = "") -> bytes:
        """As `PdfChild.invoice`."""
        return self._child.invoice(snapshot, store=store, identifier=identifier, created_at=created_at, xml=xml)

    def changed(self) -> tuple[str, ...]:
        """Programs that are others now: `weasyprint 69.0, now 70.0`."""
        here = self._child.programs()
        names = sorted({*here, *self._programs})
        return tuple(
            f"{name} {self._programs.get(name, '-')}, now {here.get(name, '-')}" for name in names if self._programs.get(name) != here.get(name)
        )


@contextmanager
def reprinter(material: bytes) -> Iterator[Reprinter]:
    """One that prints with a bundle of the archive, while the block lasts.

    Raises:
        FileDamaged: it is no bundle.
    """
    with TemporaryDirectory(prefix="oms-again-") as room:
        folders, programs = unpack(material, Path(room))
        child = PdfChild(folders)
        try:
            yield Reprinter(child, programs)
        finally:
            child.close()

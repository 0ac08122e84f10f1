"""The ZIP of any number of files takes the memory of one, and of a line on each."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

from oms.bookkeeping.handover import hand_over
from oms.bookkeeping.period import Entry, Period
from oms.bookkeeping.zipping import ZipWriter
from oms.documents.archive import FolderArchive
from oms.ports.records import Document, DocumentFile
from oms.ports.store import Store
from tests.unit.invoicing.papers import ISSUED_ON, billed, item, placed

PERIOD = Period(date(2026, 1, 1), date(2026, 12, 31))


class Papers:
    """A store whose papers all have the same PDF."""

    def __init__(self, file: DocumentFile) -> None:
        self._file, self.documents = file, self

    @contextmanager
    def reading(self) -> Iterator[Papers]:
        yield self

    def file(self, document: int, kind: str) -> DocumentFile | None:
        return replace(self._file, document=document) if kind == "pdf" else None


def many(count: int) -> Iterator[Entry]:
    said = billed(placed(item()))
    about: dict[str, Any] = dict.fromkeys(Document.__slots__, "") | {"store": "main", "kind": "invoice", "sha256": "0" * 64}
    for number in range(count):
        yield Entry(Document(**about | {"id": number}), replace(said, number=f"RE-{number}"))


def peak(archive: FolderArchive, store: Store, count: int, target: Path) -> int:
    tracemalloc.start()
    try:
        with target.open("w+b") as file:
            assert hand_over(store, archive, many(count), period=PERIOD, file=file).files == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_the_papers_take_a_line_each_and_no_more_memory(tmp_path: Path) -> None:
    archive = FolderArchive(tmp_path / "archive")
    stored = archive.put(b"%PDF" + bytes(40_000), suffix=".pdf")
    store = cast("Store", Papers(DocumentFile(0, "pdf", stored.sha256, stored.size, stored.key)))
    peak(archive, store, 5, tmp_path / "warm.zip")
    few, lots = (peak(archive, store, count, tmp_path / f"{count}.zip") for count in (100, 1_000))
    assert lots < few + 900 * 2_000, "a line of the table of contents for each, and nothing of what it holds"
    with zipfile.ZipFile(tmp_path / "1000.zip") as zip_file:
        assert len(zip_file.namelist()) == 1_002
        assert zip_file.testzip() is None


def test_more_files_than_the_old_format_counts_are_all_there() -> None:
    out = io.BytesIO()
    with ZipWriter(out) as zip_file:
        for number in range(70_000):
            zip_file.add(f"{number}", b"", on=ISSUED_ON, packed=False)
    with zipfile.ZipFile(out) as read:
        assert len(read.namelist()) == 70_000
        assert read.namelist()[-1] == "69999"

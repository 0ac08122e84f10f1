"""The ZIP of any number of files: other programs read it, and it takes the memory of one file."""

from __future__ import annotations

import io
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

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


def test_ten_times_the_papers_take_no_more_memory(tmp_path: Path) -> None:
    archive = FolderArchive(tmp_path / "archive")
    stored = archive.put(b"%PDF" + bytes(40_000), suffix=".pdf")
    store = cast("Store", Papers(DocumentFile(0, "pdf", stored.sha256, stored.size, stored.key)))
    peak(archive, store, 5, tmp_path / "warm.zip")
    few, lots = (peak(archive, store, count, tmp_path / f"{count}.zip") for count in (100, 1_000))
    assert lots < few + 100_000
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


@pytest.mark.slow
def test_a_file_beyond_four_gigabytes_is_found_by_others(tmp_path: Path) -> None:
    """Nothing is written where zeros are: the file system keeps them as a hole."""
    with (tmp_path / "holes.zip").open("w+b") as out:

        class Holes:
            def write(self, data: bytes) -> None:
                if data.count(0) == len(data) > 1_000:
                    out.seek(len(data), 1)
                else:
                    out.write(data)

        with (tmp_path / "large").open("w+b") as large, ZipWriter(cast("Any", Holes())) as zip_file:
            large.truncate(2**32 + 5)
            zip_file.add_file("large", large, on=ISSUED_ON)
            zip_file.add("ä/after", b"here", on=ISSUED_ON)
    with zipfile.ZipFile(tmp_path / "holes.zip") as read:
        assert read.getinfo("large").file_size == 2**32 + 5
        assert read.read("ä/after") == b"here"
        with read.open("large") as large_file:
            assert large_file.read(10) == bytes(10)


@pytest.mark.skipif(shutil.which("unzip") is None, reason="unzip is not installed here")
def test_info_zip_finds_nothing_wrong(tmp_path: Path) -> None:
    with (tmp_path / "x.zip").open("wb") as out, ZipWriter(out) as zip_file:
        zip_file.add("main/RE_1.pdf", b"%PDF" * 1_000, on=ISSUED_ON, packed=False)
        zip_file.add("main/RE_1.xml", b"<x/>" * 1_000, on=date(1970, 1, 1))
    told = subprocess.run(["unzip", "-t", tmp_path / "x.zip"], capture_output=True, text=True, check=False)
    assert (told.returncode, "No errors detected" in told.stdout) == (0, True), told.stdout

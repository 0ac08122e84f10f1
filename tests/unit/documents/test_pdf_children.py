"""Several rendering children: one that is busy keeps nobody waiting."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oms.documents.pdf import Limits, PdfChildren
from oms.errors import RenderFailed
from oms.resources import resource_folder
from tests.specimens import paid, snapshot_of
from tests.working import wait_until

LOOP = "{% for a in l %}{% for b in l %}{% for c in l %}{% for d in l %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mails" / "en").mkdir(parents=True)
    for name, source in (("loops", LOOP), ("fine", "fine")):
        (tmp_path / "mails" / "en" / f"{name}.txt").write_text("Subject: x\n\n")
        (tmp_path / "mails" / "en" / f"{name}.html").write_text(source)
    return tmp_path


def test_while_one_child_is_busy_another_renders(folder: Path) -> None:
    children, failed = PdfChildren([folder], count=2, limits=Limits(cpu_seconds=3)), list[RenderFailed]()

    def loop() -> None:
        with pytest.raises(RenderFailed, match="computing") as caught:
            children.mail("loops", locale="en", context={"l": list(range(500))})
        failed.append(caught.value)

    busy = threading.Thread(target=loop)
    busy.start()
    wait_until(lambda: children.writing._free.qsize() < 2)
    assert children.mail("fine", locale="en", context={}).html == "fine"
    assert failed == [], "it is still at it"
    busy.join()
    assert len(failed) == 1
    children.close()


def test_no_more_children_are_started_than_are_needed(folder: Path) -> None:
    children = PdfChildren([folder], count=3)
    for _ in range(4):
        children.mail("fine", locale="en", context={})
    assert [child._process is not None for child in children.writing.children] == [False, False, True]
    children.close()


@pytest.mark.parametrize(("size", "busy"), [(0, "printing_large"), (100_000, "printing")], ids=["small", "large"])
def test_small_papers_and_large_ones_do_not_wait_for_each_other(size: int, busy: str) -> None:
    children = PdfChildren([resource_folder("templates")], count=1)
    with getattr(children, busy).any():
        snapshot = snapshot_of(paid()) | {"more": "x" * size}
        assert children.invoice(snapshot, store="main", identifier="x", created_at=datetime(2026, 11, 24, tzinfo=UTC)).startswith(b"%PDF")
    children.close()


def test_a_mail_waits_for_no_paper(folder: Path) -> None:
    children = PdfChildren([folder], count=1)
    with children.printing.any():
        assert children.mail("fine", locale="en", context={}).html == "fine"
    children.close()

"""Folders of process files for tests: what a test doesn't say has the shape of the smallest process."""

from __future__ import annotations

from pathlib import Path

from oms.process.findings import Report
from oms.process.load import check_folder
from oms.process.model import Process
from tests.unit.process.words import WORDS

SMALLEST = """\
process: sample
initial: new
states:
  new: {}
  done: {final: true}
events:
  finish: {manual: true}
transitions:
  - {from: new, event: finish, to: done}
"""


def folder_with(folder: Path, **files: str | bytes) -> Path:
    """Write `NAME.yaml`, and `parts/NAME.yaml` for names that begin with `part_`."""
    (folder / "parts").mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / "parts" / f"{name.removeprefix('part_')}.yaml" if name.startswith("part_") else folder / f"{name}.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def report_on(folder: Path, **files: str | bytes) -> Report:
    """What `oms check` finds in these files."""
    return check_folder(folder_with(folder, **files), WORDS)


def sample(folder: Path, text: str, **files: str | bytes) -> Process:
    """The process `sample` of this text; nothing may be found in it."""
    report = report_on(folder, sample=text, **files)
    assert [finding.render() for finding in report.findings] == []
    return report.processes["sample"].process

"""Every rule's whole printed message: tests/data/check/NAME.yaml → NAME.txt."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from oms.process.check.formats import as_text
from oms.process.findings import RULES
from oms.process.load import check_folder
from tests.unit.process.words import WORDS

CASES = Path(__file__).parents[2] / "data" / "check"
NAMES = sorted(path.stem for path in CASES.glob("*.yaml"))


def report_of(name: str, folder: Path) -> str:
    """What is said about the case, as if its files alone stood in `processes/`."""
    (folder / "parts").mkdir(parents=True)
    shutil.copy(CASES / f"{name}.yaml", folder)
    for part in CASES.glob(f"parts/{name}_*.yaml"):
        shutil.copy(part, folder / "parts")
    return as_text(check_folder(Path(folder.name), WORDS))


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_message_is_as_in_the_golden_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert report_of(name, tmp_path / "processes") == (CASES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", RULES)
def test_every_rule_has_a_golden_file_that_shows_it(code: str) -> None:
    shown = [path.name for path in CASES.glob(f"{code.lower()}_*.txt") if f"[{code}]" in path.read_text(encoding="utf-8")]
    assert shown != []

"""Writers on one series of numbers, each a process of its own with a clock of its own, and a fifth of what they do is rolled back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.faults.biller import BILLING, WORDS
from tests.faults.house import build, ended
from tests.faults.reading import ask

WRITERS = 8


@pytest.mark.parametrize("count", [6, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_numbers_have_no_gap_no_repeat_and_their_days_never_go_back(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, count: int
) -> None:  # rule 10
    database = request.getfixturevalue("on_server") if kind == "postgres" else None
    (tmp_path / "billing_words.py").write_text(WORDS, encoding="utf-8")
    house = build(tmp_path, processes={"prepayment.yaml": BILLING}, extension="billing_words", database=database)
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.biller", str(tmp_path), f"W{number}", str(count), str(number % 3 - 1)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(WRITERS)
    ]
    told = [ended(writer) for writer in writers]
    assert [complaints for code, _, complaints in told if code] == []
    assert sum(int(said) for _, said, _ in told) > 0, "some were rolled back"
    assert ask(tmp_path, "SELECT count(*), max(seq), count(DISTINCT number) FROM invoice") == [(WRITERS * count,) * 3]
    assert [wrong for wrong in house.wrong(quiet=False) if wrong.startswith(("I6", "I7"))] == []

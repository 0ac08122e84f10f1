"""Each benchmark runs to its end with small numbers. What it finds is judged by `./run test all` alone, for tests run beside each other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_benchmark_has_a_name_to_be_called_by() -> None:
    measuring = {path.stem for path in (ROOT / "benchmarks").glob("*.py") if "\ndef measure(" in path.read_text(encoding="utf-8")}
    assert measuring == set(BENCHMARKS)


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_runs_to_its_end(name: str) -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks", name, "--quick"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.partition("|---|")[2].splitlines()) > 1, done.stdout

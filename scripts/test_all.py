"""`./run test all`: every test, then the benchmarks; what came of both is written to docs/test-summary.md.

The benchmarks are `python -m benchmarks`: they print Markdown and fail when a target is missed. Needs the packages of requirements-dev.txt.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SUMMARY = ROOT / "docs" / "test-summary.md"
SHOWN = ("SQLAlchemy", "SQLModel", "transitions", "APScheduler", "WeasyPrint", "yagmail", "pytest")


@dataclass(slots=True)
class Tally:
    """A pytest plugin that keeps the counts of the closing line, and what tests want to be shown."""

    counts: dict[str, int] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Called by pytest when all tests are through."""
        for outcome in ("passed", "failed", "error", "skipped", "xfailed"):
            reports = terminalreporter.stats.get(outcome, [])
            if reports:
                self.counts[outcome] = len(reports)
            self.shown += [str(value) for report in reports for name, value in getattr(report, "user_properties", ()) if name == "shown"]


ENGINE_ON_POSTGRESQL = ("tests/unit/engine", "--database", "postgres")


def run_tests(arguments: Sequence[str]) -> tuple[int, str]:
    """Returns pytest's exit code and a sentence with counts and seconds."""
    tally, began = Tally(), time.monotonic()
    code = pytest.main(["-n", "auto", "--dist", "worksteal", "-m", "slow or not slow", *arguments], plugins=[tally])
    counts = ", ".join(f"{count} {outcome}" for outcome, count in tally.counts.items()) or "no test was run"
    shown = "".join(f"\n  - {line}" for line in sorted(set(tally.shown), key=tally.shown.index))
    return int(code), f"{counts} in {time.monotonic() - began:.0f} s{shown}"


def measure() -> tuple[int, str]:
    """Runs the benchmarks; returns the exit code and what they printed, which is shown as it comes."""
    if not (ROOT / "benchmarks" / "__main__.py").exists():
        return 0, "There are no benchmarks yet.\n"
    lines: list[str] = []
    with subprocess.Popen([sys.executable, "-m", "benchmarks"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    return process.returncode, "".join(lines)


def machine() -> str:
    """One line on where this was run."""
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def summary(*, tests: str, engine: str, benchmarks: str) -> str:
    """The text of docs/test-summary.md."""
    versions = ", ".join(f"{name} {version(name)}" for name in SHOWN)
    return f"""# The last full test

Written by `./run test all`, {datetime.now(UTC):%Y-%m-%d}.

- {machine()}
- {versions}
- Tests: {tests}
- Those of the engine once more, on PostgreSQL: {engine}

## Benchmarks

{benchmarks.strip()}
"""


def main() -> int:
    """Runs all, also when the first fails, and writes the summary."""
    tests_code, tests = run_tests(sys.argv[1:])
    engine_code, engine = run_tests(ENGINE_ON_POSTGRESQL)
    benchmarks_code, benchmarks = measure()
    SUMMARY.parent.mkdir(exist_ok=True)
    SUMMARY.write_text(summary(tests=tests, engine=engine, benchmarks=benchmarks), encoding="utf-8")
    print(f"written: {SUMMARY.relative_to(ROOT)}")
    return tests_code or engine_code or benchmarks_code


if __name__ == "__main__":
    sys.exit(main())

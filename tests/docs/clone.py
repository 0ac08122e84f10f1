"""A fresh clone of this repository in which a document's commands are executed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.architecture.sources import ROOT

#: `./run test` in a document is executed too. A suite that runs itself would never end, so there it runs this one test after the gate.
ONE_TEST = "tests/architecture/test_house.py::test_the_tree_of_errors_is_drawn_as_it_is"


def clone(folder: Path) -> Path:
    """HEAD and what is not committed yet, so that a document can be tried before its commit. On a clean checkout that is HEAD."""
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, folder], check=True, timeout=120)
    for name in _listed("--modified", "--others", "--exclude-standard"):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for name in _listed("--deleted"):
        (folder / name).unlink(missing_ok=True)
    _give_environment(folder)
    return folder


def _listed(*which: str) -> list[str]:
    told = subprocess.run(["git", "ls-files", "-z", *which], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60)
    return [name for name in told.stdout.split("\0") if name]


def _give_environment(folder: Path) -> None:
    """Links the files of .venv, so that `./run` finds everything installed. What names the old place is written anew."""
    old, new = ROOT / ".venv", folder / ".venv"
    if not (old / "oms-installed").exists():
        return  # made by hand: ./run installs
    shutil.copytree(old, new, symlinks=True, copy_function=_link, ignore=shutil.ignore_patterns("oms-root"))
    for script in (new / "bin").iterdir():
        if script.is_file() and not script.is_symlink():
            _rename(script, str(old), str(new))
    for known in (".mypy_cache", ".ruff_cache"):  # what the gate found is not found again: it takes a minute
        if (ROOT / known).is_dir():
            shutil.copytree(ROOT / known, folder / known)


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
    return target


def _rename(script: Path, old: str, new: str) -> None:
    text, mode = script.read_bytes(), script.stat().st_mode
    if old.encode() in text:
        script.unlink()  # never through the link
        script.write_bytes(text.replace(old.encode(), new.encode()))
        script.chmod(mode)


def environment(folder: Path) -> dict[str, str]:
    """This machine's, without what belongs to the test run around it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMS_", "PYTEST_", "COVERAGE_")) and name != "VIRTUAL_ENV"}
    kept["PATH"] = os.pathsep.join(part for part in kept["PATH"].split(os.pathsep) if not part.startswith(str(ROOT)))
    return kept | {"PYTEST_ADDOPTS": ONE_TEST, "NO_COLOR": "1", "COLUMNS": "160", "TMPDIR": str(folder.parent)}

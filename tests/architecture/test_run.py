"""The set-up script: in a folder that looks like a clone, with a `uv` that installs nothing and writes down what it was asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.cases import rarely

_THERE = [name for name in ("dash", "busybox", "bash") if shutil.which(name)]
SHELLS = [*_THERE[:1], *rarely(*_THERE[1:])]
UV = """#!/bin/sh
echo "$@" >>"{calls}"
exit "$(cat "{code}")"
"""


@dataclass(frozen=True, slots=True)
class Clone:
    root: Path
    tools: Path
    shell: str

    def let_uv(self, code: int) -> None:
        (self.tools / "code").write_text(str(code), encoding="utf-8")

    def installed(self) -> list[str]:
        calls = self.tools / "calls"
        return [line.split("/")[-1] for line in calls.read_text(encoding="utf-8").splitlines()] if calls.exists() else []

    def start(self, *arguments: str, cwd: Path | None = None) -> subprocess.Popen[str]:
        shell = [self.shell, "sh"] if self.shell == "busybox" else [self.shell]
        environment = {"PATH": f"{self.tools}:{os.environ['PATH']}", "HOME": str(self.tools)}
        command = [*shell, str(self.root / "run"), *arguments]
        return subprocess.Popen(
            command, cwd=cwd or self.root, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str, cwd: Path | None = None) -> tuple[int, str, str]:
        """Exit code, output, and what `run` itself said; not what it said of Pango, which this machine may have or lack."""
        with self.start(*arguments, cwd=cwd) as process:
            output, said = process.communicate(timeout=120)
            return process.returncode, output, "".join(line for line in said.splitlines(keepends=True) if "PDFs" not in line)


@pytest.fixture(params=SHELLS)
def clone(request: pytest.FixtureRequest, tmp_path: Path) -> Clone:
    root, tools = tmp_path / "a clone", tmp_path / "tools"
    (root / "oms").mkdir(parents=True)
    (root / "oms" / "__main__.py").write_text("import os, sys\nprint(os.getcwd(), sys.argv[1:])\n", encoding="utf-8")
    (root / "requirements.txt").write_text("nothing-of-ours @ file:///nowhere/nothing-1-py3-none-any.whl\n", encoding="utf-8")
    (root / "requirements-dev.txt").touch()
    shutil.copy(ROOT / "run", root)
    tools.mkdir()
    (tools / "python3").symlink_to(sys.executable)
    refusing = "#!/bin/sh\nexit 1\n"  # nothing of this machine is touched
    for name, text in {"uv": UV.format(calls=tools / "calls", code=tools / "code"), "apt-get": refusing, "brew": refusing}.items():
        (tools / name).write_text(text, encoding="utf-8")
        (tools / name).chmod(0o755)
    made = Clone(root, tools, request.param)
    made.let_uv(0)
    return made


def test_it_says_what_it_does_and_then_does_nothing_twice(clone: Clone) -> None:
    code, output, said = clone.run("oms", "order", "show", "two words")
    assert (code, output) == (0, f"{clone.root} ['order', 'show', 'two words']\n")
    assert [line.split(" with ")[0] for line in said.splitlines()] == ["run: making .venv", "run: installing requirements.txt", "run: ready"]
    assert clone.run("oms") == (0, f"{clone.root} []\n", "")
    assert clone.installed() == ["requirements.txt"]


def test_changed_requirements_are_installed(clone: Clone) -> None:
    clone.run("oms")
    with (clone.root / "requirements.txt").open("a", encoding="utf-8") as file:
        file.write("# another release\n")
    said = clone.run("oms")[2]
    assert "run: making .venv" not in said
    assert clone.installed() == ["requirements.txt", "requirements.txt"]


def test_what_was_interrupted_starts_over(clone: Clone) -> None:
    clone.run("oms")
    (clone.root / ".venv.unfinished").touch()
    said = clone.run("oms")[2]
    assert "run: the last set-up was interrupted: starting over" in said.splitlines()
    assert clone.run("oms")[2] == ""


def test_two_at_once_install_once(clone: Clone) -> None:
    processes = [clone.start("oms") for _ in range(4)]
    for process in processes:
        process.communicate(timeout=120)
    assert [process.returncode for process in processes] == [0] * 4
    assert clone.installed() == ["requirements.txt"]


def test_a_failed_installation_is_said_and_mended_by_the_next_run(clone: Clone) -> None:
    clone.let_uv(1)
    code, output, said = clone.run("oms")
    assert (code, output) == (1, "")
    assert "run: uv could not: trying pip" in said.splitlines()
    assert said.splitlines()[-1].startswith(
        ("run: the packages of requirements.txt could not be installed.", "run: pip is missing and could not be installed")
    )
    clone.let_uv(0)
    assert clone.run("oms")[0] == 0


def test_a_clone_that_was_moved_finds_itself(clone: Clone, tmp_path: Path) -> None:
    clone.run("oms")
    moved = clone.root.rename(tmp_path / "elsewhere")
    code, output, said = replace(clone, root=moved).run("oms")
    assert (code, output, said) == (0, f"{moved} []\n", "")


def test_the_command_works_from_any_folder(clone: Clone, tmp_path: Path) -> None:
    assert clone.run("oms", cwd=tmp_path)[:2] == (0, f"{tmp_path} []\n")


def test_an_unknown_word_is_refused_before_anything_is_installed(clone: Clone) -> None:
    code, output, said = clone.run("tset")
    assert (code, output) == (2, "")
    assert said.startswith('run: there is no "tset"\n./run demo')
    assert not (clone.root / ".venv").exists()

"""Executes the blocks of one document, in order, in one shell session in a clone."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.blocks import Block, Command, commands_of, first_missing

_MARK = re.compile(r"^::step (\d+)$", re.MULTILINE)
_PROCESS = re.compile(r"^process:\s*([\w-]+)", re.MULTILINE)


class DocumentIsWrong(AssertionError):
    """What a document says does not happen."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the session does."""

    block: Block
    script: str
    command: Command | None = None  #: whose output the document shows


@dataclass(slots=True)
class Session:
    """`folder` is the clone; `python` what python blocks run with; `seconds` the time for the whole document."""

    folder: Path
    environment: dict[str, str]
    seconds: float = 600
    python: str = sys.executable
    _written: int = field(default=0)

    def execute(self, blocks: Sequence[Block]) -> None:
        """Raises DocumentIsWrong with the place, the commands and what they printed."""
        steps = [step for block in blocks for step in self._steps(block)]
        for step in steps:
            self._must_be_shell(step)
        lines = ["set -e"]
        for number, step in enumerate(steps):
            lines += [f"echo '::step {number}'", step.script]
        code, output = self._run("\n".join([*lines, f"echo '::step {len(steps)}'", ""]))
        self._judge(steps, code, output)

    def _steps(self, block: Block) -> Iterator[Step]:
        if block.title:
            yield Step(block, f"mkdir -p {shlex.quote(str(Path(block.title).parent))}\ncat {self._keep(block)} >{shlex.quote(block.title)}")
        elif block.language in {"sh", "shell", "bash"}:
            yield Step(block, block.text)
        elif block.language == "console":
            yield from (Step(block, _expecting(command), command) for command in commands_of(block))
        elif block.language == "python":
            yield Step(block, f"{shlex.quote(self.python)} {self._keep(block)}")
        elif block.language in {"diff", "patch"}:
            yield Step(block, f"git apply --recount --unidiff-zero {self._keep(block)}")
        elif block.language in {"yaml", "yml"} and (process := _PROCESS.search(block.text)):
            name = process[1]
            yield Step(block, f"cat {self._keep(block)} >processes/{name}.yaml\n./run oms check processes/{name}.yaml")

    def _keep(self, block: Block) -> str:
        """Writes the block's text to a file beside the clone."""
        self._written += 1
        path = self.folder.parent / f"block-{self._written}.{block.language or 'txt'}"
        path.write_text(block.text, encoding="utf-8")
        return shlex.quote(str(path))

    def _must_be_shell(self, step: Step) -> None:
        told = subprocess.run(["sh", "-n"], input=step.script, capture_output=True, text=True, check=False, timeout=10)
        if told.returncode:
            raise DocumentIsWrong(f"{step.block}: this is not shell: {told.stderr.strip()}\n{step.script}")

    def _run(self, script: str) -> tuple[int | None, str]:
        """Exit code (None: out of time) and all that was printed. Nothing that the document started is left behind."""
        path = self.folder.parent / "session.sh"
        path.write_text(script, encoding="utf-8")
        printed = self.folder.parent / "session.out"
        with printed.open("wb") as out:
            streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": out}
            process = subprocess.Popen(["sh", path], cwd=self.folder, env=self.environment, start_new_session=True, **streams)  # type: ignore[call-overload]
            try:
                code: int | None = process.wait(self.seconds)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                _end_group(process.pid)
                process.wait(10)
        return code, printed.read_text(encoding="utf-8", errors="replace")

    def _judge(self, steps: Sequence[Step], code: int | None, output: str) -> None:
        _before, *parts = _MARK.split(output)
        printed = {int(number): text.strip("\n") for number, text in zip(parts[::2], parts[1::2], strict=True)}
        if code != 0:
            number = min(max(printed, default=0), len(steps) - 1)
            what = f"took longer than {self.seconds:.0f} s" if code is None else f"ended with {code}"
            raise DocumentIsWrong(_report(steps[number], what, printed.get(number, output)))
        for number, step in enumerate(steps):
            missing = first_missing(step.command.shown, printed[number].splitlines()) if step.command else None
            if missing is not None:
                raise DocumentIsWrong(_report(step, f"did not print the line {missing!r}", printed[number]))


def _expecting(command: Command) -> str:
    if not command.code:
        return command.text
    return f"set +e\n{command.text}\nended=$?\nset -e\n[ $ended = {command.code} ]"


def _report(step: Step, what: str, printed: str) -> str:
    text = step.command.text if step.command else step.block.text
    return f"{step.block}: this {what}:\n\n{_indented(text)}\n\nIt printed:\n\n{_indented(printed[-6000:])}\n"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip("\n").splitlines())


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return

"""What is found in process files: each finding with its place, its rule and a hint. No rule is decided here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import PurePosixPath

from oms.errors import Problem
from oms.process.model import Process

WIDEST = 76
"""Characters of a file's line that a message repeats."""


class Severity(StrEnum):
    """How much a finding weighs."""

    #: the process can't run
    ERROR = "error"
    #: it can, but hardly as it was meant
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of `oms check`."""

    severity: Severity
    title: str
    silent: bool = True  #: may be silenced on a line; what could not be read can't


_E, _W = Severity.ERROR, Severity.WARNING

RULES: Mapping[str, Rule] = {
    "OMS001": Rule(_E, "The file can't be read or uses a refused feature of YAML", silent=False),
    "OMS002": Rule(_E, "A key is unknown or missing, or its value has the wrong type", silent=False),
    "OMS003": Rule(_W, "Tools of YAML 1.1 read this plain value otherwise"),
    "OMS010": Rule(_E, "A state, event, flag, template or role that isn't there", silent=False),
    "OMS011": Rule(_E, "A command, condition or job that isn't there, or wrong arguments", silent=False),
    "OMS012": Rule(_E, "A state or event is defined twice", silent=False),
    "OMS013": Rule(_E, "A part includes itself, is missing or lies outside the folder", silent=False),
    "OMS020": Rule(_E, "Unreachable state"),
    "OMS021": Rule(_E, "Dead end"),
    "OMS022": Rule(_E, "No final state can be reached"),
    "OMS023": Rule(_E, "A final state is left other than by an outside event"),
    "OMS024": Rule(_W, "Never used"),
    "OMS025": Rule(_W, "A gap in what is reserved"),
    "OMS030": Rule(_E, "An arrow that can never be taken"),
    "OMS031": Rule(_E, "Several auto events in one state"),
    "OMS032": Rule(_W, "A timer or auto event without else"),
    "OMS034": Rule(_E, "A job whose end leads nowhere"),
    "OMS035": Rule(_E, "A failed job leads to where invoices are issued"),
    "OMS040": Rule(_E, "Endless chain"),
    "OMS042": Rule(_W, "A state may wait for ever unseen"),
    "OMS050": Rule(_E, "A duration, time, zone or calendar that can't be", silent=False),
    "OMS051": Rule(_W, "Two timers due at the same time"),
}
"""Code to rule, in the order in which `docs` and SARIF list them."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file."""

    file: str  #: as messages name it, with `/`
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file."""

    source: Source
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.source.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of a rule."""

    code: str  #: `OMS010`
    severity: Severity
    file: str
    line: int  #: from 1
    column: int  #: from 1, in characters
    sentence: str
    hint: str = ""
    source_line: str = ""

    def render(self) -> str:
        """The message as people read it: place and sentence, the line with a caret, the hint."""
        lines = [f"{self.file}:{self.line}:{self.column}: {self.severity}[{self.code}] {self.sentence}"]
        if self.source_line.strip():
            shown, column = _around(self.source_line, self.column)
            lines += [f"  {shown}", f"  {' ' * (column - 1)}^"]
        return "\n".join([*lines, f"hint: {self.hint}"] if self.hint else lines)

    @property
    def said(self) -> str:
        """Sentence and hint in one."""
        if not self.hint:
            return self.sentence
        return f"{self.sentence} Hint: {self.hint}{'' if self.hint.endswith('?') else '.'}"

    @property
    def is_in_part(self) -> bool:
        """Whether it is about a part, which several processes may include."""
        return PurePosixPath(self.file).parent.name == "parts"

    def as_problem(self) -> Problem:
        """The same as one sentence with its place."""
        return Problem(f"{self.file}:{self.line}:{self.column}", self.said)


def _around(line: str, column: int) -> tuple[str, int]:
    """So much of a long line as stands around a column, and where that column is in it."""
    if len(line) <= WIDEST:
        return line, column
    start = max(min(column - WIDEST // 2, len(line) - WIDEST), 0)
    cut = line[start : start + WIDEST]
    before, after = "…" if start else "", "…" if start + WIDEST < len(line) else ""
    return f"{before}{cut}{after}", column - start + len(before)


@dataclass(frozen=True, slots=True)
class ProcessFile:
    """What somebody wrote: the process itself, or a part of it."""

    name: str  #: in the folder of the processes: `prepayment.yaml`, `parts/dunning.yaml`
    text: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """A process that may run."""

    process: Process
    source_sha256: str  #: of the bytes of file and parts, in their order
    files: tuple[ProcessFile, ...]  #: the same as text; the process's own is the first


@dataclass(frozen=True, slots=True)
class Report:
    """What is in a folder: all findings of all files, and the processes that have no error."""

    findings: tuple[Finding, ...]
    processes: Mapping[str, Loaded]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Without the warnings."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)

    def errors_of(self, names: Collection[str]) -> tuple[Finding, ...]:
        """What keeps the named processes from running, in their files or in the parts; none named: all errors."""
        if not names:
            return self.errors
        broken = {f"{name}.yaml" for name in names if name not in self.processes}
        return tuple(finding for finding in self.errors if broken and (finding.is_in_part or PurePosixPath(finding.file).name in broken))


def found(code: str, place: Place, sentence: str, *, hint: str = "") -> Finding:
    """A finding of the rule with that code."""
    lines = place.source.lines
    source_line = lines[place.line - 1] if place.line <= len(lines) else ""
    return Finding(code, RULES[code].severity, place.source.file, place.line, place.column, sentence, hint, source_line)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The hint for a name that isn't known: the nearest one, or all there are; none, if there is nothing to choose from."""
    names = sorted(known)
    lower = {each.lower(): each for each in names}
    near = get_close_matches(name.lower(), lower, n=1)
    if near:
        return f'did you mean "{lower[near[0]]}"?'
    return f"possible: {', '.join(names)}" if names else ""

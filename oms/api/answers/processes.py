"""Processes and what is found in them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from oms.api.answers.orders import FieldTold
from oms.api.answers.told import Told


class VersionTold(Told):
    """One content that a process has had."""

    number: int
    deployed: bool = Field(description="new orders take it")
    open_orders: int = Field(description="that follow it, as a worker counted them last")
    first_deployed_at: datetime
    sha256: str


class ProcessLineTold(VersionTold):
    """One process in a list."""

    name: str = Field(examples=["prepayment"])
    title: str


class ProcessesTold(Told):
    """What new orders take."""

    processes: list[ProcessLineTold]


class VersionsTold(Told):
    """All contents that a process has had, the newest first."""

    name: str
    versions: list[VersionTold]


class StateOfProcessTold(Told):
    """Where an item may stand."""

    name: str
    title: str
    customer: str | None = Field(description="the title that customers see; null: the other one")
    flags: list[str]
    final: bool
    on_enter: list[str] = Field(description="commands that run when items enter", examples=[["issue_invoice"]])
    runs: str | None = Field(description="the job that begins when an item enters")
    expect_within: str | None = Field(examples=["2d"])


class EventOfProcessTold(Told):
    """What may happen to an item."""

    name: str
    title: str
    manual: bool = Field(description="people have a button for it")
    auto: bool = Field(description="it happens by itself on entering a state that has it")
    timer: bool = Field(description="it happens after waiting")
    reason: bool = Field(description="it wants a reason")
    roles: list[str]
    commands: list[str] = Field(description="that run when it happens", examples=[["record_payment"]])
    fields: list[FieldTold]


class TransitionTold(Told):
    """One arrow."""

    source: str = Field(alias="from")
    target: str = Field(alias="to")
    event: str | None = Field(description="null: it is taken as soon as its conditions hold")
    conditions: list[str]
    commands: list[str]
    happy: bool


class WholeProcessTold(ProcessLineTold):
    """A process, as items follow it."""

    initial: str
    parts: list[str]
    states: list[StateOfProcessTold]
    events: list[EventOfProcessTold]
    transitions: list[TransitionTold]
    words: list[str] = Field(description="commands, conditions and jobs that it names")


class ProcessFileTold(Told):
    """What somebody wrote."""

    name: str = Field(description="in the folder of the processes", examples=["prepayment.yaml"])
    text: str = Field(examples=["process: prepayment\n"])


class SourceTold(Told):
    """The files of a version."""

    name: str = Field(examples=["prepayment"])
    number: int
    files: list[ProcessFileTold] = Field(
        description="its own, then those of its parts; empty: the version was deployed by a release that did not keep them"
    )


class FindingTold(Told):
    """What is wrong in a process file."""

    code: str = Field(examples=["OMS020"])
    severity: Literal["error", "warning"]
    file: str = Field(description="what the process calls itself, or a part")
    line: int
    column: int
    sentence: str
    hint: str


class CheckedTold(Told):
    """What `oms check` would say."""

    runs: bool = Field(description="it has no error")
    findings: list[FindingTold]

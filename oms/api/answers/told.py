"""What all answers are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from oms.engine.request import Answer, Outcome, Result


class Told(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class FaultTold(Told):
    """One fault of an input."""

    pointer: str = Field(description="JSON pointer; `/query/…` and `/path/…` are parts of the address", examples=["/items/0/quantity"])
    detail: str


class ProblemTold(Told):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="where the code is explained", examples=["/api/v1/errors/not-possible"])
    title: str
    status: int
    code: str = Field(examples=["not-possible"])
    detail: str = Field(description="one sentence that helps", examples=['Can\'t ship when in "new". Possible: authorize, cancel.'])
    request_id: str
    errors: list[FaultTold] | None = Field(default=None, description="of an input: all that was found")
    event: str | None = None
    states: list[str] | None = Field(default=None, description="where the items stand")
    possible: list[str] | None = Field(default=None, description="what can happen instead")


class ResultTold(Told):
    """What became of one item."""

    item: str = Field(description="its label: `1`, after a split `1.1`", examples=["1"])
    outcome: Outcome
    state: str
    source: str | None = Field(default=None, description="where it stood")
    error: str | None = None
    next_try: datetime | None = None
    why: str | None = None


class TriggerTold(Told):
    """What became of an order."""

    order: str
    store: str
    event: str | None
    repeated: bool = Field(description="it was answered before: nothing happened now")
    results: list[ResultTold]


class HealthTold(Told):
    """It is there."""

    status: Literal["ok"] = "ok"


def triggered(answer: Answer, store: str) -> TriggerTold:
    """An answer of the engine, as it is told."""
    results = [_result(result) for result in answer.results]
    return TriggerTold(order=answer.order, store=store, event=answer.event, repeated=answer.repeated, results=results)


def _result(result: Result) -> ResultTold:
    told: dict[str, Any] = {name: getattr(result, name) for name in ResultTold.model_fields}
    return ResultTold.model_validate(told)


class ReadinessTold(Told):
    """Whether it can work; each part: null, or what is wrong with it."""

    ready: bool
    database: str | None
    workers: str | None
    work: str | None


class ReceiptTold(Told):
    """A message was kept."""

    status: Literal["waiting", "done", "ignored", "unread", "repeated"]
    why: str | None = None


class RowTold(Told):
    """What became of a line of a file."""

    line: int
    reference: str
    event: str
    outcome: Literal["moved", "stayed", "repeated", "failed", "possible"]
    said: str


class ImportedTold(Told):
    """What became of a file."""

    preview: bool
    rows: list[RowTold]


class PersonTold(Told):
    """Who is logged in."""

    email: str
    name: str
    roles: list[str] = Field(description="`manager`, or of one store only `clerk@main`")


class EndedTold(Told):
    """Sessions that are over."""

    ended: int

"""What is answered, as the OpenAPI document tells it. Amounts are texts in the order's currency; times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from oms.engine.request import Answer, Outcome, Result


class Told(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class ProblemTold(Told):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str


class ResultTold(Told):
    """What became of one item."""

    item: str  #: its label: `1`, after a split `1.1`
    outcome: Outcome
    state: str
    source: str | None = None
    error: str | None = None
    next_try: datetime | None = None
    why: str | None = None


class TriggerTold(Told):
    """What became of an order."""

    order: str
    store: str
    event: str | None
    repeated: bool
    results: list[ResultTold]


class HealthTold(Told):
    """It is there."""

    status: Literal["ok"] = "ok"


def triggered(answer: Answer, store: str) -> TriggerTold:
    """An answer of the engine, as it is told."""
    return TriggerTold(
        order=answer.order, store=store, event=answer.event, repeated=answer.repeated, results=[_result(result) for result in answer.results]
    )


def _result(result: Result) -> ResultTold:
    return ResultTold.model_validate(result)

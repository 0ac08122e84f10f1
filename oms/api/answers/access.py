"""Who did what."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from oms.api.answers.told import Told
from oms.ports.deeds import DeedLine, Outcome


class DeedTold(Told):
    """What somebody did, or was not allowed to do."""

    at: datetime
    actor: str = Field(description="a person's address, `key:NAME`, `cli:USER`", examples=["jana@shop.example"])
    actor_id: int | None = Field(description="number of the account or the key: a name may be given anew")
    what: str = Field(description="operation of this API, or command", examples=["correctOrder"])
    subject: str = Field(description="on what", examples=["order:A-1001"])
    said: str = Field(description="more exactly: the event, the roles")
    store: str | None
    outcome: Outcome = Field(description="`failed`: it was tried, and answered with an error; `refused`: it wasn't allowed")
    address: str = Field(description="where it came from", examples=["192.0.2.7"])
    request_id: str


class DeedsTold(Told):
    """A page of deeds, the newest first."""

    deeds: list[DeedTold]
    next: str | None = Field(description="the cursor of the next page; null: there is none")


def deed_told(line: DeedLine) -> DeedTold:
    """As it is told."""
    return DeedTold(at=line.at, **{name: getattr(line.deed, name) for name in DeedTold.model_fields if name != "at"})

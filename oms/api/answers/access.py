"""Who may come in, and who did what."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from oms.api.answers.told import Told
from oms.ports.access import ApiKey
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


class KeyTold(Told):
    """A key, but for the key itself."""

    name: str
    store: str
    scopes: list[str]
    counts: bool = Field(description="neither revoked nor expired")
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None = Field(description="last, to the minute")

    @classmethod
    def of(cls, key: ApiKey, now: datetime) -> KeyTold:
        """As it is told."""
        given = {name: getattr(key, name) for name in ("name", "store", "created_at", "expires_at", "revoked_at", "used_at")}
        return cls(scopes=list(key.scopes), counts=key.counts(now), created_by=key.actor, **given)


class KeysTold(Told):
    """A page of keys, the newest first."""

    keys: list[KeyTold]
    next: str | None = Field(description="the cursor of the next page; null: there is none")


class KeyMadeTold(Told):
    """A key that was made."""

    name: str
    store: str
    scopes: list[str]
    expires_at: datetime | None
    key: str = Field(description="told this once", examples=["oms_…"])


class KeyRevokedTold(Told):
    """A key that opens nothing any more."""

    name: str
    revoked: bool


class SomebodyTold(Told):
    """Somebody of the shop."""

    email: str
    name: str
    roles: list[str] = Field(description="`manager`, or of one store only `clerk@main`")
    active: bool
    has_password: bool = Field(description="false: they log in by an identity provider, or have not accepted yet")
    is_invited: bool = Field(description="an invitation was given and not used; its time may be over")
    created_at: datetime


class PeopleTold(Told):
    """People, by address."""

    people: list[SomebodyTold]


class InvitedTold(Told):
    """An invitation."""

    email: str
    token: str = Field(description="told this once: lets them choose a password")
    until: datetime

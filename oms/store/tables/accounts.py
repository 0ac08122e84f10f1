"""People, the sessions in which they are logged in, and logins that failed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from oms.store.tables.naming import time_field


class AccountRow(SQLModel, table=True):
    """Somebody of the shop."""

    __tablename__ = "account"
    __table_args__ = (Index("uq_account_issuer_subject", "issuer", "issuer_subject", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    name: str
    password_hash: str | None = None
    roles: str  #: a blank between two
    active: bool = True
    created_at: datetime = time_field()
    invitation_sha256: str | None = Field(default=None, index=True)
    invitation_until: datetime | None = time_field(nullable=True)
    issuer: str | None = None
    issuer_subject: str | None = None


class SessionRow(SQLModel, table=True):
    """Somebody who is logged in: the hash of the token, never the token."""

    __tablename__ = "session"

    id: int | None = Field(default=None, primary_key=True)
    account: int = Field(foreign_key="account.id", index=True)
    sha256: str = Field(unique=True)
    created_at: datetime = time_field()
    seen_at: datetime = time_field()
    expires_at: datetime = time_field()


class LoginFailureRow(SQLModel, table=True):
    """A login that failed, once for the account and once for the address it came from."""

    __tablename__ = "login_failure"
    __table_args__ = (Index("ix_login_failure_subject", "subject", "at"), Index("ix_login_failure_at", "at"))

    id: int | None = Field(default=None, primary_key=True)
    subject: str
    at: datetime = time_field()

"""Issued papers, and what became of their mails."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from oms.api.answers.common import Told
from oms.api.answers.orders import AMOUNT, MailTold

State = Literal["open", "partly paid", "paid", "overdue", "credited"]


class PaperLineTold(Told):
    """One issued paper in a list."""

    number: str = Field(examples=["RE-2026-00001"])
    kind: Literal["invoice", "credit_note"]
    issued_on: date
    due_on: date | None
    order: str
    store: str
    customer: str
    currency: str
    gross: str = AMOUNT
    open: str = Field(description="what is still to be paid", examples=["0.00"])
    payment: State = Field(description="of an invoice; a credit note is `credited`")
    mail: str = Field(description="sent, partly sent, queued, failed, to print, printed, none")
    pdf_sha256: str | None


class PapersTold(Told):
    """A page of issued papers."""

    invoices: list[PaperLineTold]
    next: str | None = Field(description="the cursor of the next page; null: there is none")


class IssuedTold(Told):
    """An issued paper, as it was issued and for ever is."""

    number: str
    kind: Literal["invoice", "credit_note"]
    order: str
    pdf_sha256: str | None
    mails: list[MailTold]
    snapshot: dict[str, Any] = Field(description="everything that stands on it; amounts in minor units")


class BilledTold(Told):
    """What was issued."""

    number: str
    order: str
    issued: bool = Field(description="now; else it is the newest of before")


class CreditedTold(Told):
    """What was taken back."""

    order: str
    repeated: bool
    said: str = Field(examples=["RK-2026-00001 credits 39.90 EUR of RE-2026-00001"])


class DeliveryTold(Told):
    """What became of a mail that was asked for."""

    number: str
    outcome: str = Field(examples=["sent"])
    sentence: str


class LinkTold(Told):
    """A link that opens a paper for a while."""

    number: str
    link: str
    until: date


class RevokedTold(Told):
    """No link counts any more."""

    number: str
    revoked_at: datetime

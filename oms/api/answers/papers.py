"""Issued papers, and what became of their mails."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from oms.api.answers.orders import AMOUNT, MailTold
from oms.api.answers.told import Told
from oms.ports.views import PaymentState


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
    payment: PaymentState = Field(description="of an invoice; a credit note is `credited`")
    mail: str = Field(description="sent, partly sent, queued, failed, to print, printed, none")
    pdf_sha256: str | None


class SumsTold(Told):
    """What all invoices of one currency come to that are wanted, whatever the page."""

    currency: str
    invoices: int
    open: str = Field(description="still to be paid, what is overdue included", examples=["120.00"])
    overdue: str = Field(examples=["80.00"])
    paid: str = Field(examples=["1250.00"])


class PapersTold(Told):
    """A page of issued papers."""

    invoices: list[PaperLineTold]
    sums: list[SumsTold] | None = Field(description="with `payment_state` or `sums`; else null")
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


class ReachedTold(Told):
    """What became of a mail for one address."""

    address: str = Field(examples=["jana@example.com"])
    role: Literal["to", "bcc"]
    status: Literal["pending", "sent", "refused", "gave_up"] = Field(description="sent: the server accepted it; gave_up: nobody tries it again")
    code: str | None = Field(description="of the server's answer; `file`: it was filed, for no server is set", examples=["250"])
    text: str | None = Field(description="the server's own words", examples=["2.0.0 Ok: queued as 4F1"])
    sent_at: datetime | None


class DeliveryTold(Told):
    """A mail that carries a paper."""

    id: int
    reason: Literal["auto", "resend", "force", "other"] = Field(description="auto: by the process; other: to somebody else than the customer")
    created_at: datetime
    recipients: list[ReachedTold]


class DeliveriesTold(Told):
    """All mails that carry a paper, oldest first."""

    deliveries: list[DeliveryTold]


class LinkTold(Told):
    """A link that opens a paper for a while."""

    number: str
    link: str
    until: date


class RevokedTold(Told):
    """No link counts any more."""

    number: str
    revoked_at: datetime

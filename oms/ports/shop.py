"""What the engine and its commands know about the shop: one profile per store, made from config/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from oms.invoicing import CREDIT_NOTE, Note

LAST_NUMBER = 999_999_999
"""Of an invoice: every number format has room for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreProfile:
    """How one store writes, counts days and bills."""

    name: str
    locale: str
    currency: str
    country: str
    prices: str  #: `gross` or `net`
    zone: str  #: IANA
    calendar: str  #: whose public holidays are no business days, such as `DE-BE`
    sender: tuple[str, str]  #: name, address
    reply_to: str | None
    bcc: tuple[str, ...]  #: hidden copies of invoice mails
    bcc_credit_note: tuple[str, ...] | None  #: of credit notes; None: as of invoices
    bounce: str  #: where mails come back to that can't be delivered
    lane: str  #: its mail server: `mail`, or `mail:STORE` where it has its own
    rate_per_minute: int | None  #: mails that this server is offered at most
    link_base: str | None  #: what stands before the signed part of a link to a document
    link_key: bytes | None = field(repr=False)  #: signs links; None where there are none
    link_days: int  #: how long a link in a mail counts
    number_format: str
    credit_note_format: str
    terms: str  #: payment terms such as `14d`
    payable_rounding: bool
    seller: Mapping[str, object]
    redirect_to: str | None  #: while the shop is being tried: every mail goes there
    notes: tuple[Note, ...] = ()  #: what the seller prints below some documents

    def local(self, at: datetime) -> datetime:
        """As the store's clock shows it. Sentences write it with the name of its zone, `%Z`, as the pages do on which they stand."""
        return at.astimezone(ZoneInfo(self.zone))

    def number(self, kind: str, year: int, seq: int) -> str:
        """How the number of an invoice or a credit note is written."""
        written = self.credit_note_format if kind == CREDIT_NOTE else self.number_format
        return written.format(year=year, number=seq)

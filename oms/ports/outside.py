"""Ports to what lies outside: paper, mail, archive, systems of the shop. Only jobs use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Outcome = Literal["sent", "refused", "later", "unknown", "redirected"]
"""`unknown`: the connection was lost after the whole message was handed over. `redirected`: another address has it, no mailer says so."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said about one recipient."""

    code: int | None  #: SMTP reply code; None: no server said anything
    text: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where bytes lie in the archive."""

    sha256: str
    size: int
    key: str  #: `ab/abcd….pdf`; opaque to everyone else


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a letter. Bytes only: no path is ever opened."""

    filename: str
    mime_type: str  #: `application/pdf`
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Everything the `.eml` is made of. Hidden recipients are not part of it."""

    message_id: str  #: with its angle brackets; stored before the first try
    sender: tuple[str, str]  #: name, address
    to: tuple[str, str]  #: name, address
    subject: str
    text: str
    html: str
    sent_on: datetime
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class MailText:
    """A mail as its template made it."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Material:
    """What papers are made of: templates, words, pictures, fonts, and which programs print. The same gives the same bytes."""

    sha256: str
    content: bytes  #: one file that can be kept


class Archive(Protocol):
    """Files that never change."""

    def put(self, data: bytes, *, suffix: str) -> StoredFile:
        """Store bytes for good; when this returns they survive a power cut."""
        ...

    def get(self, key: str) -> bytes:
        """The bytes, as they were stored."""
        ...


class Printer(Protocol):
    """Makes papers and mails from templates, where a template can harm nobody."""

    def invoice(
        self, snapshot: Mapping[str, object], *, store: str, identifier: str, created_at: datetime, xml: str = "", watermark: str | None = None
    ) -> bytes:
        """The PDF of a snapshot, with its XML inside: the same bytes every time.

        Raises:
            RenderFailed: this document can't be made; the next one may.
        """
        ...

    def paper(self, template: str, *, snapshot: Mapping[str, object], store: str, identifier: str, created_at: datetime) -> bytes:
        """The PDF of any other paper's snapshot: the same bytes every time.

        Raises:
            RenderFailed: this paper can't be made; the next one may.
        """
        ...

    def mail(self, template: str, *, locale: str, context: Mapping[str, object]) -> MailText:
        """A mail's text."""
        ...

    def material(self) -> Material | None:
        """What papers are made of now; None: it can't be told.

        Raises:
            RenderFailed: nothing can be printed.
        """
        ...


class Reprinter(Protocol):
    """Makes papers again with the material of then."""

    def invoice(self, snapshot: Mapping[str, object], *, store: str, identifier: str, created_at: datetime, xml: str = "") -> bytes:
        """As `Printer.invoice`."""
        ...

    def changed(self) -> Sequence[str]:
        """Programs that are others now than then, with both versions."""
        ...


class Reprinting(Protocol):
    """Knows how to make papers again."""

    def __call__(self, material: bytes) -> AbstractContextManager[Reprinter]:
        """One for this material, while a block lasts.

        Raises:
            FileDamaged: it is none.
        """
        ...


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules of EN 16931 say of an e-invoice."""

    rules: int  #: that were applied
    faults: tuple[str, ...]  #: `BR-CO-10: …`; none: it keeps them all


class Judge(Protocol):
    """Holds e-invoices to their rules."""

    def judge(self, xml: bytes) -> Judgement:
        """Of a CII or UBL document.

        Raises:
            NotJudged: nobody here knows the rules. It counts as broken.
        """
        ...


class LetterWriter(Protocol):
    """Makes the complete message."""

    def __call__(self, letter: Letter) -> bytes:
        """The bytes that are stored and sent."""
        ...


class Mailer(Protocol):
    """Delivers stored messages."""

    def deliver(self, sender: str, recipients: Sequence[str], eml: bytes, *, lane: str) -> Mapping[str, Reply]:
        """Offer one message for exactly these recipients to the server of a lane; the answer says what became of each.

        Raises:
            LaneDown: no server takes anything from us. No message is at fault.
        """
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """What a system of the shop said."""

    code: int  #: HTTP status
    text: str = ""  #: how its words begin, unless it says that all is well


class Webhooks(Protocol):
    """Calls systems of the shop."""

    def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Hand over a body. Returns the answer, whatever it is: no redirect is followed.

        Raises:
            Permanent: this can't be called, or lies inside the network.
            Temporary: nobody answered.
        """
        ...

    def tell(self, url: str, *, message: str, body: str, at: datetime, secrets: Sequence[str]) -> Answered:
        """Hand over a message of the Standard Webhooks, signed by each of the secrets.

        Args:
            url: As `post`.
            message: Its id, the same on every try.
            body: Its text, the same on every try.
            at: When this try is made; aware UTC.
            secrets: `whsec_…`; two while they are changed.

        Raises:
            Permanent: as `post`.
            Temporary: as `post`.
        """
        ...

    def examine(self, url: str) -> None:
        """Whether this could be called.

        Raises:
            Permanent: as `post`.
            Temporary: its host can't be found.
        """
        ...

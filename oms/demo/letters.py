"""Mails as the demo's mail server filed them: the message beside its envelope."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail with a PDF, as it arrived."""

    eml: Path
    envelope: Path
    sender: str
    to: str
    subject: str
    attached: str  #: the PDF's name
    pdf: bytes
    recipients: tuple[str, ...]  #: of the envelope
    hidden: tuple[str, ...]  #: those of them that stand in no byte of the mail


def letter_with(number: str, mailbox: Path) -> Letter | None:
    """The mail that carries the PDF of this invoice; None: none arrived."""
    for envelope in sorted(mailbox.glob("*.json")):
        eml = envelope.with_suffix(".eml")
        content = eml.read_bytes()
        message = message_from_bytes(content, policy=policy.default)
        for part in message.iter_attachments():
            if part.get_filename() == f"{number}.pdf":
                recipients = tuple(json.loads(envelope.read_text(encoding="utf-8"))["recipients"])
                return Letter(
                    eml=eml,
                    envelope=envelope,
                    sender=str(message["From"]),
                    to=str(message["To"]),
                    subject=str(message["Subject"]),
                    attached=f"{number}.pdf",
                    pdf=part.get_content(),
                    recipients=recipients,
                    hidden=tuple(address for address in recipients if address.encode() not in content),
                )
    return None

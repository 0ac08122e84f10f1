"""Signed links to documents: whoever has one may read that document until its day is over. Pure: no clock, no store.

A token says which document, until which day, and how often links to it had been revoked when it was made; HMAC-SHA256 over that. It names no person.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from datetime import date

_LONGEST = 400
_OPEN = ("/", "=", "?", "#", "&")
"""A base that ends so goes on with the token as it is."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says."""

    store: str
    kind: str  #: `invoice` or `credit_note`
    number: str
    until: date  #: the last day on which it counts
    revocations: int  #: of links to this document, before it was made


def sign(link: Link, key: bytes) -> str:
    """The token: letters, digits, `-`, `_` and one dot."""
    said = "\n".join((link.store, link.kind, link.number, link.until.isoformat(), str(link.revocations))).encode()
    return _signed(said, key)


def address(base: str, token: str) -> str:
    """The whole link. Behind a base such as `https://shop.example/invoice` stands one slash, whether it ends with one or not."""
    return f"{base}{'' if base.endswith(_OPEN) else '/'}{token}"


def read(token: str, key: bytes) -> Link | None:
    """What a token says; None: this key did not sign it, letter for letter. Compared in constant time."""
    try:
        content = _bytes(token[:_LONGEST].partition(".")[0])
        if not hmac.compare_digest(_signed(content, key).encode(), token.encode()):
            return None
        store, kind, number, until, revocations = content.decode().split("\n")
    except (Error, UnicodeError, ValueError):
        return None
    return Link(store, kind, number, date.fromisoformat(until), int(revocations))


def _signed(content: bytes, key: bytes) -> str:
    return f"{_text(content)}.{_text(hmac.new(key, content, hashlib.sha256).digest())}"


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))

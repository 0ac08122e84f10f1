"""What proves that a provider sent a message: HMAC-SHA256 over its bytes and time, compared as bytes in constant time (S17, S18)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from oms.errors import NotAdmitted

WINDOW = timedelta(seconds=300)
"""How far the provider's clock and ours may be apart, to either side."""
_LONGEST = 4_096
_MOST = 10


def require_fresh(timestamp: str, *, now: datetime) -> None:
    """Raises NotAdmitted: this is no time in seconds, or it is more than five minutes away."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):  # noqa: PLR2004 - the year 33658
        raise NotAdmitted("The message says no time in seconds when it was sent.")
    if abs(int(timestamp) - now.timestamp()) > WINDOW.total_seconds():
        raise NotAdmitted("The message was sent more than five minutes ago, or its sender's clock is wrong.")


def require_signed(content: bytes, given: Collection[bytes], *, secrets: Sequence[bytes]) -> None:
    """Raises NotAdmitted: none of the signatures that came is one by any of the secrets."""
    wanted = [hmac.new(secret, content, hashlib.sha256).digest() for secret in secrets]
    if not any(hmac.compare_digest(mac, each) for each in given for mac in wanted):
        raise NotAdmitted("The message bears no signature by a secret that is known here.")


def signatures_in(text: str, *, between: str) -> list[str]:
    """The parts of a header, at most ten; none of one that is too long."""
    return text.split(between)[:_MOST] if len(text) <= _LONGEST else []

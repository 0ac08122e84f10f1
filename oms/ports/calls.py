"""Calls of systems outside over HTTP: what is asked, what is told, what they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody answered over HTTP, whatever it is."""

    status: int
    body: bytes
    wait: timedelta | None = None  #: so long it wants to be left alone (`Retry-After`)


class Caller(Protocol):
    """Asks a system outside, and reads what it answers."""

    def call(self, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str]) -> Heard:
        """Ask. No redirect is followed.

        Raises:
            Permanent: this can't be called, or lies inside the network.
            Temporary: nobody answered, or not to the end: it may have happened or not.
        """
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """What a system of the shop said."""

    code: int  #: HTTP status
    text: str = ""  #: how its words begin, unless it says that all is well
    wait: timedelta | None = None  #: so long it wants to be left alone (`Retry-After`)


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

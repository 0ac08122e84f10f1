"""The mailer: a few connections for many mails, made by yagmail. It sends bytes to an envelope and knows no orders, rows or retries."""

from __future__ import annotations

import ssl
from collections import Counter, deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from oms.addresses import wire_address
from oms.documents.mail.connection import Dropped
from oms.documents.mail.filing import unfile
from oms.documents.mail.settings import FileSettings, SmtpSettings, examine, tls_context
from oms.errors import InvalidInput, Problem
from oms.outbox import LANE
from oms.ports.outside import Reply
from oms.tracing import Kind, note, span

if TYPE_CHECKING:
    from oms.documents.mail.client import Client

_NO_ADDRESS = Reply(None, "this is not one plain mail address; before the @ only ASCII", "refused")


class Mailer:
    """Delivers stored messages. Each connection serves one thread at a time and is kept for the next mail; threads share what there are."""

    def __init__(self, settings: SmtpSettings | FileSettings) -> None:
        """Nothing is connected yet.

        Raises:
            InvalidSettings: the settings could only fail, or would send in the clear.
        """
        self._context: ssl.SSLContext | None = None
        if isinstance(settings, SmtpSettings):
            examine(settings)
            self._context = tls_context(settings)
        self._settings = settings
        self._idle: deque[Client] = deque()  #: the one used last is taken first: those that are not needed idle away
        self._free = BoundedSemaphore(settings.connections if isinstance(settings, SmtpSettings) else 1)

    def deliver(self, sender: str, recipients: Sequence[str], eml: bytes) -> Mapping[str, Reply]:
        """Offer one message to the server for exactly these recipients; the answer says what became of each.

        A connection that was left idle and is gone is made again, once. Nothing is repeated after the message was handed
        over: `unknown` is the caller's to decide.

        Raises:
            LaneDown: the server can't be reached, can't prove who it is, or refuses the login. No recipient is at fault.
            InvalidInput: the sender is no address, or there is no recipient.
        """
        wire = {address: wire_address(address) for address in recipients}
        from_wire = _examine(sender, recipients)
        good = list(dict.fromkeys(address for address in wire.values() if address is not None))
        with span("deliver mail", self._where(), kind=Kind.ASKING):
            with self._free:
                replies = self._offer(from_wire, good, eml) if good else {}
            answers = {address: replies[plain] if plain else _NO_ADDRESS for address, plain in wire.items()}
            note({f"oms.recipients.{outcome}": number for outcome, number in Counter(reply.outcome for reply in answers.values()).items()})
        return answers

    def close(self) -> None:
        """Say goodbye to the server. Whoever is delivering keeps the connection."""
        while client := self._next():
            client.close()

    def unfile(self, *, sha256s: Collection[str], words: Collection[str]) -> int:
        """Delete what was filed of somebody; of what a server has, nothing is here. Returns how many mails."""
        return unfile(self._settings.folder, sha256s=sha256s, words=words) if isinstance(self._settings, FileSettings) else 0

    def _where(self) -> Mapping[str, str | int]:
        settings = self._settings
        return {"server.address": settings.host, "server.port": settings.port} if isinstance(settings, SmtpSettings) else {}

    def _offer(self, sender: str, recipients: Sequence[str], eml: bytes) -> Mapping[str, Reply]:
        from oms.documents.mail.client import connect  # noqa: PLC0415 - yagmail takes time to load, and who sends nothing needs it not

        used = self._used()
        if used is not None:
            with suppress(Dropped):
                return self._converse(used, sender, recipients, eml)
        try:
            return self._converse(connect(self._settings, self._context), sender, recipients, eml)
        except Dropped as dropped:
            return dict.fromkeys(recipients, Reply(dropped.code, dropped.text, "later"))

    def _used(self) -> Client | None:
        """A connection that was used before and still listens."""
        client = self._next()
        if client is None or client.line.is_alive():
            return client
        client.close()
        return None

    def _next(self) -> Client | None:
        try:
            return self._idle.pop()
        except IndexError:  # asked first, another thread might take it in between
            return None

    def _converse(self, client: Client, sender: str, recipients: Sequence[str], eml: bytes) -> Mapping[str, Reply]:
        try:
            replies = client.line.converse(sender, recipients, eml)
        except BaseException:
            client.hang_up()
            raise
        self._idle.append(client)
        return replies


class Mailers:
    """A mailer for each lane: a store may have a server of its own."""

    def __init__(self, mailers: Mapping[str, Mailer]) -> None:
        """Each connects when it is needed first.

        Args:
            mailers: Lane to its mailer; that of `mail` serves all who have no other.
        """
        self._mailers = mailers

    def deliver(self, sender: str, recipients: Sequence[str], eml: bytes, *, lane: str) -> Mapping[str, Reply]:
        """As `Mailer.deliver`. A lane whose server is no longer in the settings goes by that of all.

        Raises:
            LaneDown: as `Mailer.deliver`.
        """
        return (self._mailers.get(lane) or self._mailers[LANE]).deliver(sender, recipients, eml)

    def unfile(self, *, sha256s: Collection[str], words: Collection[str]) -> int:
        """As `Mailer.unfile`, in every folder."""
        return sum(mailer.unfile(sha256s=sha256s, words=words) for mailer in self._mailers.values())

    def close(self) -> None:
        """Say goodbye to all servers."""
        for mailer in self._mailers.values():
            mailer.close()


def _examine(sender: str, recipients: Sequence[str]) -> str:
    wire = wire_address(sender)
    if wire is None:
        raise InvalidInput([Problem("sender", f"{sender[:80]!r} is not one plain address.")])
    if not recipients:
        raise InvalidInput([Problem("recipients", "there is none.")])
    return wire

"""The mailer: one connection for many mails, made by yagmail. It sends bytes to an envelope and knows no orders, rows or retries."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from threading import Lock

from oms.addresses import wire_address
from oms.documents.mail.client import Client, connect
from oms.documents.mail.connection import Connection, Dropped
from oms.documents.mail.settings import FileSettings, SmtpSettings, examine, tls_context
from oms.errors import InvalidInput, Problem
from oms.ports.outside import Reply

_NO_ADDRESS = Reply(None, "this is not one plain mail address; before the @ only ASCII", "refused")


class Mailer:
    """Delivers stored messages. Not to be shared by threads that must not wait for one another."""

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
        self._client: Client | None = None
        self._lock = Lock()

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
        with self._lock:
            replies = self._offer(from_wire, good, eml) if good else {}
        return {address: replies[plain] if plain else _NO_ADDRESS for address, plain in wire.items()}

    def close(self) -> None:
        """Say goodbye to the server."""
        with self._lock:
            self._leave()

    def _offer(self, sender: str, recipients: Sequence[str], eml: bytes) -> Mapping[str, Reply]:
        reused = self._client is not None
        try:
            return self._connection().converse(sender, recipients, eml)
        except Dropped as dropped:
            lost = dropped
        if reused:
            self._leave()
            try:
                return self._connection().converse(sender, recipients, eml)
            except Dropped as dropped:
                lost = dropped
        return dict.fromkeys(recipients, Reply(lost.code, lost.text, "later"))

    def _connection(self) -> Connection:
        if self._client is not None and not self._client.line.is_alive():
            self._leave()
        if self._client is None:
            self._client = connect(self._settings, self._context)
        return self._client.line

    def _leave(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _examine(sender: str, recipients: Sequence[str]) -> str:
    wire = wire_address(sender)
    if wire is None:
        raise InvalidInput([Problem("sender", f"{sender[:80]!r} is not one plain address.")])
    if not recipients:
        raise InvalidInput([Problem("recipients", "there is none.")])
    return wire

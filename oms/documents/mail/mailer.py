"""The mailer: one connection for many mails, made by yagmail. It sends bytes to an envelope and knows no orders, rows or retries."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Lock
from typing import Any

import yagmail

from oms.addresses import wire_address
from oms.documents.mail.connection import Connection, Conversation, Dropped, FilingConversation, TlsConversation, Waits
from oms.documents.mail.settings import FileSettings, SmtpSettings, examine, tls_context
from oms.errors import InvalidInput, LaneDown, Problem
from oms.ports.outside import Reply


class Client(yagmail.SMTP):  # type: ignore[misc]  # yagmail has no types
    """yagmail's client with our kind of connection: it connects, encrypts and logs in."""

    def __init__(self, *, conversation: Callable[..., object], **keywords: Any) -> None:
        self._conversation = conversation
        super().__init__(**keywords)

    @property
    def connection(self) -> Callable[..., object]:
        """What yagmail makes its connection with."""
        return self._conversation


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
        if self._client is not None and not self._client.smtp.is_alive():
            self._leave()
        if self._client is None:
            client = _client(self._settings, self._context)
            _login(client, self._settings)
            self._client = client
        connection: Connection = self._client.smtp
        return connection

    def _leave(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(OSError):
                client.close()


def _client(settings: SmtpSettings | FileSettings, context: ssl.SSLContext | None) -> Client:
    """Rule 34: which of yagmail's arguments mean what we mean."""
    if isinstance(settings, FileSettings):
        return Client(
            host=str(settings.folder),
            port=0,
            smtp_ssl=False,
            smtp_starttls=False,
            smtp_skip_login=True,
            soft_email_validation=False,
            conversation=FilingConversation,
        )
    kind: type[Conversation] = TlsConversation if settings.security == "tls" else Conversation
    keywords: dict[str, Any] = {"context": context} if settings.security == "tls" else {}
    client = Client(
        password=settings.password,
        host=settings.host,
        port=settings.port,
        smtp_ssl=settings.security == "tls",
        smtp_starttls={"context": context} if settings.security == "starttls" else False,
        smtp_skip_login=settings.user is None,
        soft_email_validation=False,
        conversation=partial(kind, waits=Waits(settings.command_timeout, settings.data_timeout)),
        timeout=settings.connect_timeout,
        user="",
        **keywords,
    )
    client.user = settings.user or ""  # given to the constructor, an account without @ would become …@gmail.com
    return client


def _login(client: Client, settings: SmtpSettings | FileSettings) -> None:
    where = "the folder" if isinstance(settings, FileSettings) else f"{settings.host}:{settings.port}"
    try:
        client.login()
    except OSError as error:
        with contextlib.suppress(OSError, AttributeError):
            client.smtp.close()
        raise LaneDown(_sentence(where, error)) from error


def _sentence(where: str, error: Exception) -> str:
    """Why nothing can be sent, and what would mend it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The mail server {where} can't prove who it is: {error.verify_message}. If it is your own, name its authority in mail.smtp.ca_file."
    if isinstance(error, ssl.SSLError):
        return f"The mail server {where} doesn't speak TLS as asked ({error.reason}). Port 587 is usual for starttls, 465 for tls."
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"The mail server {where} refuses the login: {error.smtp_code} {_said(error.smtp_error)}. Check mail.smtp.user and its password."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"The mail server {where} doesn't offer what is configured: {error}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The mail server {where} turns us away: {error.smtp_code} {_said(error.smtp_error)}"
    return f"The mail server {where} can't be reached: {error}"


def _said(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _examine(sender: str, recipients: Sequence[str]) -> str:
    wire = wire_address(sender)
    if wire is None:
        raise InvalidInput([Problem("sender", f"{sender[:80]!r} is not one plain address.")])
    if not recipients:
        raise InvalidInput([Problem("recipients", "there is none.")])
    return wire

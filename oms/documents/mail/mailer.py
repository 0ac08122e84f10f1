"""The mailer: one connection for many mails, made by yagmail. It sends bytes to an envelope and knows no orders, rows or retries."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, Protocol

import yagmail

from oms.documents.mail.connection import Conversation, Dropped, FilingConversation, Reply, TlsConversation, answers
from oms.documents.mail.letter import FORBIDDEN, is_address
from oms.documents.mail.settings import FileSettings, SmtpSettings, examine
from oms.errors import InvalidInput, LaneDown, Problem


class Connection(Protocol):
    """What the mailer asks of a connection that yagmail made."""

    def converse(self, sender: str, recipients: Sequence[str], eml: bytes) -> Mapping[str, Reply]:
        """Hand over one message."""

    def is_alive(self) -> bool:
        """Whether the server still listens."""


class Client(yagmail.SMTP):  # type: ignore[misc]
    """yagmail's client with our kind of connection: it connects, encrypts and logs in."""

    def __init__(self, *arguments: Any, conversation: type, **keywords: Any) -> None:  # noqa: ANN401 - yagmail's own
        self._conversation = conversation
        super().__init__(*arguments, **keywords)

    @property
    def connection(self) -> type:
        """The class yagmail builds its connection from."""
        return self._conversation


class Mailer:
    """Delivers stored messages. Not to be shared by threads that must not wait for one another."""

    def __init__(self, settings: SmtpSettings | FileSettings) -> None:
        """Nothing is connected yet.

        Raises:
            InvalidSettings: the settings could only fail, or would send in the clear.
        """
        if isinstance(settings, SmtpSettings):
            examine(settings)
        self._settings = settings
        self._client: Client | None = None
        self._lock = Lock()

    def deliver(self, sender: str, recipients: Sequence[str], eml: bytes) -> Mapping[str, Reply]:
        """Offer one message to the server, for exactly these recipients; the answer says what became of each.

        Nothing is tried twice after the message was handed over: `unknown` is the caller's to decide.

        Raises:
            LaneDown: the server can't be reached, proves another identity, or refuses the login. No recipient is at fault.
            InvalidInput: an address is none.
        """
        _examine_envelope(sender, recipients)
        with self._lock:
            for fresh in (False, True):
                connection = self._connect(fresh=fresh)
                try:
                    return connection.converse(sender, recipients, eml)
                except Dropped as dropped:
                    lost = dropped
            return answers(recipients, Reply(lost.code, lost.text, "later"))

    def close(self) -> None:
        """Say goodbye to the server."""
        with self._lock:
            self._leave()

    def _connect(self, *, fresh: bool) -> Connection:
        if self._client is not None and (fresh or not self._client.smtp.is_alive()):
            self._leave()
        if self._client is None:
            client = _client(self._settings)
            _login(client, self._settings)
            self._client = client
        connection: Connection = self._client.smtp
        return connection

    def _leave(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.close()


def _client(settings: SmtpSettings | FileSettings) -> Client:
    """Rule 34: which of yagmail's arguments mean what we mean."""
    if isinstance(settings, FileSettings):
        return Client("", host=str(settings.folder), port=0, smtp_ssl=False, smtp_starttls=False, smtp_skip_login=True, soft_email_validation=False, conversation=FilingConversation)
    timeouts = {"command_timeout": settings.command_timeout, "data_timeout": settings.data_timeout}
    kind = TlsConversation if settings.security == "tls" else Conversation
    keywords: dict[str, Any] = {"timeout": settings.connect_timeout}
    if settings.security == "tls":
        keywords["context"] = _context(settings)
    client = Client(
        "",
        settings.password,
        host=settings.host,
        port=settings.port,
        smtp_ssl=settings.security == "tls",
        smtp_starttls={"context": _context(settings)} if settings.security == "starttls" else False,
        smtp_skip_login=settings.user is None,
        soft_email_validation=False,
        conversation=type(kind.__name__, (kind,), timeouts),
        **keywords,
    )
    client.user = settings.user or ""  # given to the constructor, an account without @ would become …@gmail.com
    return client


def _context(settings: SmtpSettings) -> ssl.SSLContext:
    """Verifies certificate and host name."""
    return ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)


def _login(client: Client, settings: SmtpSettings | FileSettings) -> None:
    where = "the folder" if isinstance(settings, FileSettings) else f"{settings.host}:{settings.port}"
    try:
        client.login()
    except (OSError, smtplib.SMTPException) as error:
        with contextlib.suppress(OSError, smtplib.SMTPException, AttributeError):
            client.smtp.close()
        raise LaneDown(_sentence(where, error)) from error


def _sentence(where: str, error: Exception) -> str:
    """Why nothing can be sent, and what would mend it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The mail server {where} can't prove who it is: {error.verify_message}. If it is your own, name its authority in mail.ca_file."
    if isinstance(error, ssl.SSLError):
        return f"The mail server {where} doesn't speak TLS as asked ({error.reason}). Port 587 is usual for starttls, 465 for tls."
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"The mail server {where} refuses the login: {error.smtp_code} {_said(error.smtp_error)}. Check mail.user and mail.password."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"The mail server {where} doesn't offer what is configured: {error}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The mail server {where} turns us away: {error.smtp_code} {_said(error.smtp_error)}"
    return f"The mail server {where} can't be reached: {error}"


def _said(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _examine_envelope(sender: str, recipients: Sequence[str]) -> None:
    problems = [Problem("envelope", f"{address[:80]!r} is not one plain address.") for address in (sender, *recipients) if not is_address(address) or FORBIDDEN & set(address)]
    if not recipients:
        problems.append(Problem("envelope", "there is no recipient."))
    if problems:
        raise InvalidInput(problems)

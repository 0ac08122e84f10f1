"""yagmail's client: it connects, encrypts and logs in. Says in one sentence why it could not, and what would mend it."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

import yagmail

from oms.documents.mail.connection import Connection, Conversation, FilingConversation, TlsConversation, Waits, one_line
from oms.documents.mail.settings import FileSettings, SmtpSettings, tls_context
from oms.errors import LaneDown


class Client(yagmail.SMTP):  # type: ignore[misc]  # yagmail has no types
    """yagmail's client with our kind of connection."""

    def __init__(self, *, conversation: Callable[..., object], **keywords: Any) -> None:
        self._conversation = conversation
        super().__init__(**keywords)

    @property
    def connection(self) -> Callable[..., object]:
        """What yagmail makes its connection with."""
        return self._conversation

    @property
    def line(self) -> Connection:
        """The connection that was made."""
        made: Connection = self.smtp
        return made

    def close(self) -> None:
        """Say goodbye; whoever has hung up already needs none."""
        with contextlib.suppress(OSError):
            super().close()

    def hang_up(self) -> None:
        """End the connection without a word, if there is one."""
        self.is_closed = True
        with contextlib.suppress(OSError, AttributeError):
            self.smtp.close()


def connect(settings: SmtpSettings | FileSettings, context: ssl.SSLContext | None) -> Client:
    """A client that is connected and logged in.

    Raises:
        LaneDown: the server can't be reached, can't prove who it is, or refuses the login.
    """
    client = _client(settings, context)
    try:
        client.login()
    except OSError as error:
        client.hang_up()
        where, key = ("the folder", "mail.folder") if isinstance(settings, FileSettings) else (f"{settings.host}:{settings.port}", settings.key)
        raise LaneDown(f"The mail server {where} {_fault(error, key)}") from error
    return client


def try_out(settings: SmtpSettings) -> None:
    """Connect, encrypt, log in, say goodbye: no mail is sent.

    Raises:
        LaneDown: as `connect`.
        InvalidSettings: the file of certificates can't be used.
    """
    connect(settings, tls_context(settings)).close()


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
        conversation=partial(kind, waits=Waits(settings.command_timeout, settings.data_timeout), key=settings.key),
        timeout=settings.connect_timeout,
        user="",
        **keywords,
    )
    client.user = settings.user or ""  # given to the constructor, an account without @ would become …@gmail.com
    return client


# ---- What is wrong, and what would mend it ----

_PORTS = "Port 587 is usual for starttls, 465 for tls."


def _fault(error: OSError, key: str) -> str:
    if isinstance(error.__context__, TimeoutError):  # smtplib says only that the connection was closed
        error = error.__context__
    return next(sentence for kind, words in _FAULTS if isinstance(error, kind) for sentence in [words(error, key)])


def _of_certificate(error: ssl.SSLCertVerificationError, key: str) -> str:
    message = error.verify_message.rstrip(".")
    if "mismatch" in message:
        return f"can't prove who it is: {message}. Write the name that its certificate bears into {key}.host."
    if "expired" in message:
        return f"can't prove who it is: {message}. Who runs it must renew its certificate."
    return f"can't prove who it is: {message}. If it is your own, name its authority in {key}.ca_file."


def _of_offer(error: smtplib.SMTPNotSupportedError, key: str) -> str:
    if "STARTTLS" in str(error):
        return f'doesn\'t offer STARTTLS. If it speaks TLS from the first byte, set {key}.security = "tls"; that is usual on port 465.'
    return f"takes no login here: {error} If it needs none, leave {key}.user out. {_PORTS}"


def _of_answer(error: smtplib.SMTPResponseException, key: str) -> str:
    said = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
    answer = f"{error.smtp_code} {one_line(said).rstrip('.')}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"refuses the login: {answer}. Check {key}.user and its password."
    return f"turns us away: {answer}. Who runs it can say why."


_FAULTS: tuple[tuple[type[OSError], Callable[[Any, str], str]], ...] = (
    (ssl.SSLCertVerificationError, _of_certificate),
    (ssl.SSLError, lambda error, _key: f"doesn't speak TLS as asked ({error.reason}). {_PORTS}"),
    (
        TimeoutError,
        lambda _error, key: f"doesn't answer: the wait timed out. Check {key}.host and .port, and whether a firewall lets us through. {_PORTS}",
    ),
    (socket.gaierror, lambda error, key: f"can't be found: {error.strerror}. Check {key}.host."),
    (smtplib.SMTPNotSupportedError, _of_offer),
    (smtplib.SMTPResponseException, _of_answer),
    (smtplib.SMTPServerDisconnected, lambda _error, _key: f"hangs up before it lets us in. {_PORTS}"),
    (smtplib.SMTPException, lambda error, _key: f"can't be used: {error}"),
    (OSError, lambda error, key: f"can't be reached: {error.strerror or error}. Check {key}.host and {key}.port."),
)
"""Kind of error to its sentence, of the error and the server's table in the settings; the first that fits counts."""

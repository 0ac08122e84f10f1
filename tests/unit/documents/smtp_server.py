"""A mail server that follows a script: real SMTP over loopback, with the answers and accidents a test wants."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

DROP = "drop"
"""An answer that is none: the connection is cut."""


@dataclass
class Accepted:
    """One copy the server took."""

    sender: str
    recipients: list[str]
    content: bytes


@dataclass
class Script:
    """What to answer, in order; when a list is used up, 250."""

    mail: list[str] = field(default_factory=list)
    rcpt: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    data: list[str] = field(default_factory=list)
    noop: list[str] = field(default_factory=list)
    user: tuple[str, str] | None = None
    port: int = 0
    connections: int = 0
    accepted: list[Accepted] = field(default_factory=list)

    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    # aiosmtpd calls these by name.

    async def handle_EHLO(self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, answers: list[str]) -> list[str]:  # noqa: N802
        session.host_name = hostname
        if not getattr(server, "counted", False):
            self.connections += 1
            server.counted = True  # type: ignore[attr-defined]
        return answers

    async def handle_MAIL(self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802
        answer = self.mail.pop(0) if self.mail else "250 OK"
        if answer.startswith("250"):
            envelope.mail_from = address
        return self._say(server, answer)

    async def handle_RCPT(self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802
        answers = self.rcpt.get(address, [])
        answer = answers.pop(0) if answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self._say(server, answer)

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.data.pop(0) if self.data else "250 taken"
        if answer in {DROP, "250 taken"}:
            recipients = [str(address) for address in envelope.rcpt_tos]
            self.accepted.append(Accepted(envelope.mail_from or "", recipients, envelope.original_content or b""))
        return self._say(server, answer)

    async def handle_NOOP(self, server: SMTP, _session: Session, _envelope: Envelope, _argument: str) -> str:  # noqa: N802
        return self._say(server, self.noop.pop(0) if self.noop else "250 OK")

    def _say(self, server: SMTP, answer: str) -> str:
        if isinstance(server.transport, asyncio.WriteTransport) and answer == DROP:
            server.transport.abort()
        return answer

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, credentials: object) -> AuthResult:
        given = (credentials.login.decode(), credentials.password.decode()) if isinstance(credentials, LoginPassword) else None
        return AuthResult(success=given == self.user, handled=False)


class _Controller(Controller):
    def _trigger_server(self) -> None:
        if isinstance(self.server, asyncio.Server):
            self.port = self.server.sockets[0].getsockname()[1]
        with socket.create_connection(("127.0.0.1", self.port)):  # the default's look would need our certificate
            return


@contextmanager
def serving(script: Script, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Script]:
    """Run the script on a free port of loopback."""
    authentication: dict[str, Any] = {"authenticator": script.authenticate, "auth_require_tls": bool(starttls)} if script.user else {}
    encryption: dict[str, Any] = {"tls_context": starttls, "require_starttls": True} if starttls else {}
    controller = _Controller(script, hostname="127.0.0.1", port=0, ssl_context=tls, **authentication, **encryption)
    controller.start()
    script.port = controller.port
    try:
        yield script
    finally:
        controller.stop()


def server_context(authority: trustme.CA, *names: str, not_after: datetime | None = None) -> ssl.SSLContext:
    """A certificate of that authority, for loopback if no names are said."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("127.0.0.1", "localhost")), not_after=not_after).configure_cert(context)
    return context

"""A mail server for trying things: it files every mail on loopback, and refuses whom it is told to refuse. It delivers nothing anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from oms.documents.mail.filing import file_mail


class _Files:
    """aiosmtpd's handler: its method names are aiosmtpd's."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder, self._clock = folder, clock
        self.refused: set[str] = set()

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802
        if address in self.refused:
            return "550 5.1.1 there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 accepted"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        recipients = [str(address) for address in envelope.rcpt_tos]
        file_mail(self._folder, content, sender=envelope.mail_from or "", recipients=recipients, at=self._clock())
        return "250 filed"


class _Controller(Controller):
    def _trigger_server(self) -> None:
        """Port 0 is known only now; aiosmtpd would connect to port 0 to see whether the server is up."""
        if isinstance(self.server, asyncio.Server):
            self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class MailSink:
    """Runs in a thread of its own between `start` and `stop`, or as a context manager."""

    def __init__(self, folder: Path, *, port: int = 0, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """It listens after `start`.

        Args:
            folder: Where each mail becomes `<name>.eml` and `<name>.json`.
            port: 0 takes a free one; `self.port` says which, once started.
            clock: When a mail came: names its files.
        """
        self._files = _Files(folder, clock)
        self._controller = _Controller(self._files, hostname="127.0.0.1", port=port)
        self.host = "127.0.0.1"

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._controller.port)

    def refuse(self, address: str) -> None:
        """From now on this recipient is refused with 550, as by a server that has no such mailbox."""
        self._files.refused.add(address)

    def start(self) -> int:
        """Start listening; returns the port."""
        self._controller.start()
        return self.port

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

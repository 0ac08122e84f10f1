"""A mail server that thinks for as long as a test wants."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.unit.documents.smtp_server import Script


@dataclass
class Slow(Script):
    """A server that keeps its answer to the message back."""

    answers: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.to_thread(self.answers.wait)
        return answer

    @contextmanager
    def letting_go(self) -> Iterator[None]:
        """It answers at the end of the block, whatever happens: closing the shop waits for it."""
        try:
            yield
        finally:
            self.answers.set()

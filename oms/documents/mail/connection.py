"""The conversation with a mail server for one message, and its double that files. What each recipient's answer means is decided here.

yagmail makes the connection object from one of these classes and logs in; smtplib's own `sendmail` isn't used, because it
can't say whether a lost connection was lost before or after the message was handed over.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from oms.documents.mail.filing import file_mail
from oms.errors import LaneDown
from oms.ports.outside import Outcome, Reply

_CLOSING = 421
_LOGIN_NEEDED = 530
_GO_AHEAD = 354
_DONE = 250
_FORWARDED = 251


@dataclass(frozen=True, slots=True)
class Waits:
    """How many seconds an answer may take; none is waited for without end (F8)."""

    command: float
    data: float  #: the answer to a whole message


class Connection(Protocol):
    """What the mailer asks of a connection that yagmail made."""

    def converse(self, sender: str, recipients: Sequence[str], eml: bytes) -> dict[str, Reply]:
        """Hand over one message."""

    def is_alive(self) -> bool:
        """Whether the other side still listens."""


class Dropped(Exception):
    """The connection ended before the message was handed over: nobody got it."""

    def __init__(self, code: int | None, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


class Conversation(smtplib.SMTP):
    """A connection that says what became of each recipient.

    smtplib's exceptions are all `OSError`s, as are those of sockets and TLS.
    """

    def __init__(self, *arguments: Any, waits: Waits, key: str, **keywords: Any) -> None:
        self.waits, self.key = waits, key
        super().__init__(*arguments, **keywords)

    def converse(self, sender: str, recipients: Sequence[str], eml: bytes) -> dict[str, Reply]:
        """Hand over one message.

        Raises:
            Dropped: the connection ended before the message was handed over.
            LaneDown: the server wants a login that isn't configured.
        """
        self._wait(self.waits.command)
        try:
            replies, accepted = self._envelope(sender, recipients, len(eml))
            ready = self.docmd("DATA") if accepted else None
        except OSError as error:
            self.close()
            raise Dropped(None, f"connection lost before the message was handed over: {error}") from error
        if ready is None:
            self._forget()
            return replies
        if ready[0] != _GO_AHEAD:
            self._leave_if_closing(*ready)
            self._forget()
            return replies | dict.fromkeys(accepted, _reply(*ready))
        return replies | dict.fromkeys(accepted, self._hand_over(eml))

    def _envelope(self, sender: str, recipients: Sequence[str], size: int) -> tuple[dict[str, Reply], list[str]]:
        self.ehlo_or_helo_if_needed()
        code, said = self.mail(sender, [f"SIZE={size}"] if self.has_extn("size") else [])
        self._leave_if_closing(code, said)
        if code != _DONE:
            return dict.fromkeys(recipients, _reply(code, said)), []
        replies: dict[str, Reply] = {}
        accepted: list[str] = []
        for address in recipients:
            code, said = self.rcpt(address)
            self._leave_if_closing(code, said)
            if code in {_DONE, _FORWARDED}:
                accepted.append(address)
            else:
                replies[address] = _reply(code, said)
        return replies, accepted

    def _leave_if_closing(self, code: int, said: bytes) -> None:
        if code == _CLOSING:
            self.close()
            raise Dropped(code, one_line(said))
        if code == _LOGIN_NEEDED:
            self.close()
            raise LaneDown(f"The mail server wants a login: {code} {one_line(said)}. Set {self.key}.user and its password.")

    def _hand_over(self, eml: bytes) -> Reply:
        """From the final dot on a lost connection can't be told from success."""
        body = re.sub(rb"(?m)^\.", b"..", eml.removesuffix(b"\r\n")) + b"\r\n"
        try:
            self.send(body)
        except OSError as error:
            self.close()
            raise Dropped(None, f"connection lost while the message was handed over: {error}") from error
        self._wait(self.waits.data)
        try:
            self.send(b".\r\n")
            code, said = self.getreply()
        except OSError as error:
            self.close()
            return Reply(None, f"no answer to the whole message: {error}", "unknown")
        if code == _CLOSING:
            self.close()
        return _reply(code, said)

    def _forget(self) -> None:
        """Forget the envelope; a connection that doesn't answer is left."""
        try:
            self.rset()
        except OSError:
            self.close()

    def is_alive(self) -> bool:
        """Whether the server still listens; a connection that is left idle is dropped sooner or later."""
        self._wait(self.waits.command)
        try:
            return self.sock is not None and self.noop()[0] == _DONE
        except OSError:
            return False

    def _wait(self, seconds: float) -> None:
        if self.sock is not None:
            self.sock.settimeout(seconds)


class TlsConversation(Conversation, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class FilingConversation:
    """Stands where the server's connection would: every recipient is accepted, the mail becomes two files."""

    def __init__(self, folder: str, _port: str) -> None:
        self._folder = Path(folder)

    def converse(self, sender: str, recipients: Sequence[str], eml: bytes) -> dict[str, Reply]:
        """File the message."""
        path = file_mail(self._folder, eml, sender=sender, recipients=recipients, at=datetime.now(UTC))
        return dict.fromkeys(recipients, Reply(None, f"filed as {path.name}", "sent"))

    def is_alive(self) -> bool:
        """A folder stays."""
        return True

    def set_debuglevel(self, level: int) -> None:
        """Asked by yagmail; nothing is logged here."""

    def quit(self) -> None:
        """Nothing is open."""


def _reply(code: int, said: bytes) -> Reply:
    outcome: Outcome = "sent" if code < 300 else "later" if code < 500 else "refused"  # noqa: PLR2004 - RFC 5321, 4.2.1
    return Reply(code, one_line(said), outcome)


def one_line(said: bytes) -> str:
    """What the server said, as one line that may stand in a page or a log."""
    return "".join(character if character.isprintable() else " " for character in said.decode("utf-8", "replace"))[:500]

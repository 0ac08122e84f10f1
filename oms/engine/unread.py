"""Messages of payment providers that are proved and can't be read: kept as they came, told of, and read again by whoever mended the reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from oms.engine.inbox import Receipt, as_received, receive
from oms.engine.trigger import Engine
from oms.errors import Conflict, InvalidInput, NotFound
from oms.ports.inbox import Received, Said
from oms.ports.providers import Provider
from oms.ports.store import UnitOfWork

NOT_READ = "message not read"
"""The incident about a message that nobody understood."""
_PREFIX = "unread:"
_SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})
_TOLD = 500
"""Characters of what is wrong."""


def take(engine: Engine, provider: Provider, headers: Mapping[str, str], body: bytes) -> Receipt:
    """Keep a message that is proved, whether it can be read or not; what it says is booked if it can.

    Args:
        engine: Where.
        provider: Whose message it is; reads it.
        headers: Lower-case names.
        body: As it came.

    Raises:
        StoreUnavailable: the database didn't answer: the provider sends it again.
    """
    text = _storable(body)
    try:
        said = provider.read(headers, body)
    except Exception as error:  # noqa: BLE001 - a fault of the reader, which may be a shop's own, must not lose what somebody paid
        why = _why(error)
        return engine.transact(lambda: _keep(engine, provider.name, headers, text, why))
    return receive(engine, provider.name, said, text)


def read_again(engine: Engine, message: Received, providers: Mapping[str, Provider]) -> None:
    """Read a message that could not be read when it came; a worker applies it.

    Raises:
        NotFound: its provider is no longer in the settings.
        Conflict: it still can't be read. The message stays.
    """
    provider = providers.get(message.provider)
    if provider is None:
        raise NotFound(f"Nobody here reads messages of {message.provider}: config/oms.toml has no [payments.{message.provider}].")
    try:
        said = provider.read(json.loads(message.headers or "{}"), message.body.encode())
    except Exception as error:
        raise Conflict(f"Message {message.id} still can't be read: {_why(error)}") from error
    with engine.store.writing() as work:
        now = work.now()
        if not work.inbox.understand(message.id, as_received(message.provider, said, message.body, now)):
            work.inbox.settle(message.id, status="ignored", error=f'It came again: as "{said.event_id}".')
        work.incidents.close(NOT_READ, _subject(message.id), by=message.provider, at=now)
    engine.wake()


def _keep(engine: Engine, provider: str, headers: Mapping[str, str], body: str, why: str) -> Receipt:
    known = {name: value for name, value in headers.items() if name not in _SECRET}
    with engine.store.writing() as work:
        now = work.now()
        message = Received(
            provider=provider,
            said=Said(event_id=f"{_PREFIX}{hashlib.sha256(body.encode()).hexdigest()}", type="?"),
            body=body,
            received_at=now,
            status="unread",
            error=why,
            headers=json.dumps(known, ensure_ascii=False),
        )
        number = work.inbox.add(message)
        if number is not None:
            _report(work, number, provider, why, now)
    return Receipt(repeated=number is None, status="unread", why=why)


def _report(work: UnitOfWork, number: int, provider: str, why: str, now: datetime) -> None:
    text = (
        f"Message {number} of {provider} bears its signature, and can't be read: {why} See: oms inbox show {number}, then oms inbox retry {number}."
    )
    work.incidents.open(NOT_READ, _subject(number), text=text, at=now)


def _subject(message: int) -> str:
    return f"inbox:{message}"


def _why(error: Exception) -> str:
    """All faults of it, in a few words."""
    if isinstance(error, InvalidInput):
        return " ".join(f"{problem.where or '/'}: {problem.sentence}" for problem in error.problems)[:_TOLD]
    return f"{type(error).__name__}: {error}"[:_TOLD]


def _storable(body: bytes) -> str:
    """What is no text has marks in its place; a text of PostgreSQL holds no NUL."""
    return body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")

"""Whom the shop tells what happens: endpoints are added, given other secrets, enabled, removed, and told again. Nobody is called here."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oms.engine.calling import DISABLED, NOT_TOLD
from oms.engine.notices import PING, TYPES, notice_of
from oms.engine.trigger import Engine
from oms.errors import Conflict, InvalidInput, NotFound, Permanent, Problem, Temporary
from oms.ports.endpoints import Delivery, Endpoint
from oms.ports.store import UnitOfWork

MOST = 50
"""Endpoints of one store: each is a row for everything that happens."""
OVERLAP, LONGEST_OVERLAP = timedelta(hours=24), timedelta(days=7)
"""So long the old secret signs as well, unless it is said otherwise; and at most."""
MOST_OLD = 2
"""Secrets that sign beside the new one: who heard no answer rotates again."""
LONGEST_URL = 2000


@dataclass(frozen=True, slots=True)
class Again:
    """What is to be told again."""

    notice: str | None = None  #: this one
    since: datetime | None = None  #: or all since then
    with_delivered: bool = False  #: also what was delivered


def add_endpoint(engine: Engine, url: str, *, store: str, types: Sequence[str] = (), actor: str) -> Endpoint:
    """Tell an address what happens from now on. Its secret is shown this once.

    Args:
        engine: Whose orders.
        url: `https://…`; `http://` and hosts inside the network only where `webhooks.inside` names them.
        store: The store whose orders it is told of.
        types: Of `oms.engine.notices.TYPES`; none: all.
        actor: Who wants it.

    Raises:
        InvalidInput: it can't be called, or there is no such type.
        Conflict: it is told already, or there are too many.
    """
    problems = [Problem("/types", f'"{name[:80]}" is no type. There are: {", ".join(TYPES)}.') for name in types if name not in TYPES]
    if store not in engine.profiles:
        problems.append(Problem("/store", f'there is no store "{store[:80]}". There are: {", ".join(engine.profiles)}.'))
    problems += _wrong_with(engine, url)
    if problems:
        raise InvalidInput(problems)
    with engine.store.writing() as work:
        others = work.endpoints.all(store)
        same = next((each for each in others if each.url == url), None)
        if same is not None:
            raise Conflict(f"{url} is endpoint {same.id} already. For a new secret: oms webhook rotate {same.id}.")
        if len(others) >= MOST:
            raise Conflict(f"There are {MOST} endpoints in {store} already. Remove one first.")
        chosen = tuple(name for name in TYPES if name in types or not types)
        endpoint = Endpoint(store=store, url=url, types=chosen, secret=_new_secret(), created_at=work.now(), created_by=actor)
        return replace(endpoint, id=work.endpoints.add(endpoint))


def endpoint_of(work: UnitOfWork, endpoint: int, *, store: str | None) -> Endpoint:
    """One endpoint, if it is of this store (None: of any).

    Raises:
        NotFound: it isn't there.
    """
    return _mine(work.endpoints.get(endpoint), endpoint, store)


def _mine(found: Endpoint | None, endpoint: int, store: str | None) -> Endpoint:
    if found is None or store not in (None, found.store):
        raise NotFound(f"There is no endpoint {endpoint}. `oms webhook list` shows what there is.")
    return found


def rotate_secret(engine: Engine, endpoint: int, *, store: str | None, overlap: timedelta = OVERLAP) -> Endpoint:
    """Give an endpoint a new secret, shown this once. Until the overlap is over both sign.

    Raises:
        NotFound: it isn't there.
        InvalidInput: the overlap is too long.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise InvalidInput([Problem("/overlap", f"both secrets may sign for at most {LONGEST_OVERLAP.days} days.")])
    with engine.store.writing() as work:
        found = _mine(work.endpoints.lock(endpoint), endpoint, store)
        now = work.now()
        old = found.secrets(now)[:MOST_OLD] if overlap else ()  # also the one before, which the receiver may still have
        changed = replace(found, secret=_new_secret(), old_secrets=old, old_until=now + overlap if overlap else None)
        work.endpoints.change(changed)
    return changed


def enable_endpoint(engine: Engine, endpoint: int, *, store: str | None, actor: str) -> Endpoint:
    """Tell an endpoint again what happens from now on. What it missed is told if somebody asks for it.

    Raises:
        NotFound: it isn't there.
    """
    with engine.store.writing() as work:
        found = _mine(work.endpoints.lock(endpoint), endpoint, store)
        enabled = replace(found, disabled_at=None, disabled_why=None, failing_since=None, rests_until=None)
        work.endpoints.change(enabled)
        work.incidents.close(DISABLED, f"webhook:{endpoint}", by=actor, at=work.now())
    return enabled


def remove_endpoint(engine: Engine, endpoint: int, *, store: str | None, actor: str) -> None:
    """Tell an endpoint nothing any more, for good.

    Raises:
        NotFound: it isn't there.
    """
    with engine.store.writing() as work:
        now, found = work.now(), _mine(work.endpoints.lock(endpoint), endpoint, store)
        work.endpoints.remove(found.id, at=now)
        work.endpoints.give_up(found.id, why="The endpoint was removed.")
        for kind in (DISABLED, NOT_TOLD):
            work.incidents.close(kind, f"webhook:{endpoint}", by=actor, at=now)


def ping(engine: Engine, endpoint: int, *, store: str | None) -> Delivery:
    """Promise an endpoint a message that tells nothing.

    Raises:
        NotFound: it isn't there.
        Conflict: it is disabled.
    """
    with engine.store.writing() as work:
        found, now = _enabled(work, endpoint, store), work.now()
        notice = notice_of(PING, {"endpoint": found.id, "store": found.store}, store=found.store, at=now)
        delivery = work.endpoints.delivery(work.endpoints.tell_one(notice, found.id))
    engine.wake()
    return delivery


def resend(engine: Engine, endpoint: int, wanted: Again, *, store: str | None, actor: str) -> int:
    """Tell an endpoint again what it was told, or was to be told, under the same ids. Returns how many messages.

    Raises:
        NotFound: the endpoint isn't there, or was never to be told this message.
        Conflict: it is disabled.
    """
    with engine.store.writing() as work:
        found, now = _enabled(work, endpoint, store), work.now()
        with_delivered = wanted.with_delivered or wanted.notice is not None
        number = work.endpoints.again(found.id, notice=wanted.notice, since=wanted.since, at=now, with_delivered=with_delivered)
        if wanted.notice is not None and not number:
            raise NotFound(f"Endpoint {endpoint} was told no {wanted.notice[:80]!r}. `oms webhook show {endpoint}` shows what it was told.")
        work.incidents.close(NOT_TOLD, f"webhook:{endpoint}", by=actor, at=now)
    engine.wake()
    return number


def _enabled(work: UnitOfWork, endpoint: int, store: str | None) -> Endpoint:
    found = _mine(work.endpoints.lock(endpoint), endpoint, store)
    if found.disabled_at is not None:
        raise Conflict(f"Endpoint {endpoint} is disabled: {found.disabled_why}. First: oms webhook enable {endpoint}.")
    return found


def _wrong_with(engine: Engine, url: str) -> list[Problem]:
    if len(url) > LONGEST_URL:
        return [Problem("/url", f"has more than {LONGEST_URL} characters.")]
    try:
        engine.tools.webhooks.examine(url)
    except (Permanent, Temporary) as error:
        return [Problem("/url", str(error))]
    return []


def _new_secret() -> str:
    """256 bits, as the standard writes them."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"

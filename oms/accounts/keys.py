"""Keys of programs: made here, shown once, kept as a hash."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from oms.accounts.reach import require_rights
from oms.accounts.tokens import new_token, token_hash
from oms.errors import Conflict, InvalidInput, NotFound, Problem, StoreUnavailable
from oms.ports.access import ApiKey
from oms.ports.deeds import about
from oms.ports.store import Store
from oms.rights import RIGHTS, Caller

PREFIX = "oms_"
"""What every key begins with, so that whoever finds one knows whose it is."""
_SEEN = timedelta(minutes=1)
"""How exact the last use is kept."""
_LONGEST_NAME = 64


def create_key(
    store: Store,
    name: str,
    *,
    of_store: str,
    scopes: Sequence[str],
    actor: str,
    stores: Sequence[str],
    expires_at: datetime | None = None,
    by: Caller | None = None,
) -> str:
    """A new key, which nobody can read again.

    Args:
        store: The database.
        name: What the history calls it, as in `key:webshop`.
        of_store: The store of the shop whose orders it sees; no other.
        scopes: Rights of `oms.rights`.
        actor: Who makes it.
        stores: Those that the shop has.
        expires_at: From then on it counts no longer; None: it is revoked, or never ends.
        by: Who makes it, and can't give more than they have; None: somebody at the machine itself.

    Raises:
        NotAllowed: `by` hasn't all of these rights, or not in this store.
        InvalidInput: name, store or scopes are none.
        Conflict: there is a key of this name.
    """
    problems = [*_name_problems(name), *_scope_problems(scopes)]
    if of_store not in stores:
        problems.append(Problem("store", f'there is no store "{of_store[:80]}". There are: {", ".join(stores)}.'))
    if problems:
        raise InvalidInput(problems)
    about(f"key:{name}", said=" ".join(sorted(set(scopes))))
    if by is not None:
        require_rights(by, scopes, store=of_store)
    key = f"{PREFIX}{new_token()}"
    with store.writing() as work:
        now = work.now()
        if expires_at is not None and expires_at <= now:
            raise InvalidInput([Problem("expires_at", "lies in the past: the key would never count.")])
        row = ApiKey(
            name=name, store=of_store, scopes=tuple(sorted(set(scopes))), sha256=token_hash(key), actor=actor, created_at=now, expires_at=expires_at
        )
        if work.api_keys.add(row) is None:
            raise Conflict(f'There is a key "{name}" already. Revoke it first, or take another name.')
    return key


def revoke_key(store: Store, name: str, *, of_store: str | None = None) -> None:
    """The key counts no longer, from now on.

    Args:
        store: The database.
        name: The key's.
        of_store: Only if it belongs to this store of the shop; None: whatever it belongs to.

    Raises:
        NotFound: there is none of this name that does.
    """
    about(f"key:{name[:80]}")
    with store.writing() as work:
        if not work.api_keys.revoke(name, of_store=of_store, at=work.now()):
            raise NotFound(f'There is no key "{name[:80]}" that counts. `oms key list` shows what there is.')


def caller_of(store: Store, key: str) -> Caller | None:
    """Who comes in with this key; None: it counts no longer, or nobody made it."""
    with store.reading() as work:
        found, now = work.api_keys.find(token_hash(key)), work.now()
    if found is None or not found.counts(now):
        return None
    if found.used_at is None or now - found.used_at >= _SEEN:
        with suppress(StoreUnavailable), store.writing() as work:  # nobody is kept outside because this can't be noted
            work.api_keys.used(found.id, at=now)
    return Caller(f"key:{found.name}", frozenset(found.scopes), store=found.store, id=found.id)


def _name_problems(name: str) -> list[Problem]:
    fine = 0 < len(name) <= _LONGEST_NAME and all(character.isascii() and (character.isalnum() or character in "-_.") for character in name)
    return [] if fine else [Problem("name", f"write 1 to {_LONGEST_NAME} letters, digits, dots, - or _, as in webshop.")]


def _scope_problems(scopes: Sequence[str]) -> list[Problem]:
    if not scopes:
        return [Problem("scopes", f"name at least one right. There are: {', '.join(RIGHTS)}.")]
    problems = []
    for scope in scopes:
        if scope not in RIGHTS:
            near = difflib.get_close_matches(scope, RIGHTS, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(RIGHTS)}."
            problems.append(Problem("scopes", f'"{scope[:80]}" is no right; {hint}'))
    return problems

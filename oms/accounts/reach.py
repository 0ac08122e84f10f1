"""How far somebody reaches who lets others in: nobody gives or takes what they haven't, and somebody can always let in others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from oms.errors import Conflict, NotAllowed
from oms.ports.accounts import Account
from oms.rights import ROLES, Caller

LETS_IN = "people.manage"


def require_rights(by: Caller, scopes: Iterable[str], *, store: str) -> None:
    """A key may do no more than who makes it, and nowhere else.

    Raises:
        NotAllowed: it could.
    """
    lacks = sorted(scope for scope in scopes if not by.may(scope))
    if lacks:
        raise NotAllowed(f"{by.actor} can't give what they haven't: {', '.join(lacks)[:200]}.")
    if by.store not in (None, store):
        raise NotAllowed(f"{by.actor} can make keys of the store {by.store} only.")


def require_roles(by: Caller, roles: Iterable[str]) -> None:
    """Roles that are given or taken hold nothing that this caller hasn't, and hold it nowhere else.

    Raises:
        NotAllowed: they do.
    """
    for said in sorted(roles):
        role, _, store = said.partition("@")
        if ROLES.get(role, frozenset()) - by.rights:
            raise NotAllowed(f"{by.actor} can neither give nor take {said[:60]}: it holds rights that they haven't.")
        if by.store not in (None, store):
            raise NotAllowed(f"{by.actor} can give and take roles of the store {by.store} only, as in {role[:40]}@{by.store}.")


def require_somebody(before: Sequence[Account], after: Sequence[Account]) -> None:
    """Somebody stays who may let in others, in all stores.

    Raises:
        Conflict: the last one would be gone.
    """
    if any(map(_lets_in, before)) and not any(map(_lets_in, after)):
        raise Conflict("This is the last administrator: make somebody else one first. On the machine itself, `oms user` can do it all the same.")


def _lets_in(account: Account) -> bool:
    return account.active and any(LETS_IN in ROLES.get(role, ()) for role in account.roles)  # a role of one store has an @: it is none of these

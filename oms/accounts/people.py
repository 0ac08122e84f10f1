"""People of the shop: who they are, and what they may."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from oms.accounts.passwords import hashed
from oms.addresses import wire_address
from oms.errors import Conflict, InvalidInput, NotFound, Problem
from oms.orders.wording import clean_text
from oms.ports.accounts import Account
from oms.ports.deeds import about
from oms.ports.store import Store
from oms.rights import ROLES, Caller

_LONGEST_NAME = 100


def create_account(store: Store, email: str, *, name: str, roles: Sequence[str], password: str | None, stores: Collection[str]) -> None:
    """Let somebody in.

    Args:
        store: The database.
        email: Stands in the history.
        name: As pages greet them.
        roles: `manager`, or of one store only `clerk@main`.
        password: None: they log in by an identity provider only.
        stores: Those that the shop has.

    Raises:
        InvalidInput: address, name, roles or password are none.
        Conflict: there is somebody of this address.
    """
    address = _address(email)
    problems = _role_problems(roles, stores)
    try:
        name = clean_text(name, limit=_LONGEST_NAME)
    except ValueError as error:
        problems.append(Problem("name", str(error)))
    if problems:
        raise InvalidInput(problems)
    about(f"person:{address}", said=" ".join(roles))
    secret = None if password is None else hashed(password, email=address)
    with store.writing() as work:
        made = Account(email=address, name=name, password_hash=secret, roles=tuple(roles), created_at=work.now())
        if work.accounts.add(made) is None:
            raise Conflict(f"There is an account of {address} already.")


def change_account(
    store: Store,
    email: str,
    *,
    password: str | None = None,
    roles: Sequence[str] | None = None,
    active: bool | None = None,
    stores: Collection[str] = (),
) -> Account:
    """Change what is said; whoever it is, is logged out everywhere.

    Raises:
        InvalidInput: roles or password are none.
        NotFound: there is nobody of this address.
    """
    if roles is not None and (problems := _role_problems(roles, stores)):
        raise InvalidInput(problems)
    secret = None if password is None else hashed(password, email=email)
    with store.writing() as work:
        account = work.accounts.find(_address(email))
        if account is None:
            raise NotFound(f"There is no account of {email[:80]}. `oms user list` shows who is there.")
        account = replace(
            account,
            password_hash=secret or account.password_hash,
            roles=account.roles if roles is None else tuple(roles),
            active=account.active if active is None else active,
        )
        work.accounts.change(account.id, password_hash=account.password_hash, roles=account.roles, active=account.active)
        work.sessions.end_all(account.id)
    return account


def caller_for(account: Account, *, in_store: str | None, stores: Sequence[str]) -> Caller | None:
    """What somebody may in a store; None: nothing.

    Args:
        account: Who.
        in_store: The store that the address names; None: all that the roles cover.
        stores: Those that the shop has.
    """
    everywhere = frozenset(role for role in account.roles if "@" not in role)
    if in_store is None and not everywhere:
        covered = sorted({role.partition("@")[2] for role in account.roles} & set(stores))
        in_store = covered[0] if len(covered) == 1 else None
        if in_store is None:
            return None
    if in_store is not None and in_store not in stores:
        return None
    roles = everywhere | {role.partition("@")[0] for role in account.roles if in_store is not None and role.endswith(f"@{in_store}")}
    rights = frozenset(right for role in roles for right in ROLES.get(role, ()))
    return Caller(account.email, rights, store=in_store, roles=roles, id=account.id) if roles else None


def _address(email: str) -> str:
    address = wire_address(email.strip())
    if address is None:
        raise InvalidInput([Problem("email", "is no plain mail address.")])
    return address.lower()


def _role_problems(roles: Sequence[str], stores: Collection[str]) -> list[Problem]:
    if not roles:
        return [Problem("roles", f"name at least one: {', '.join(ROLES)}, or of one store only, as in clerk@{next(iter(stores), 'main')}.")]
    problems = []
    for said in roles:
        role, at, store = said.partition("@")
        if role not in ROLES:
            problems.append(Problem("roles", f'"{role[:40]}" is no role. There are: {", ".join(ROLES)}.'))
        if at and store not in stores:
            problems.append(Problem("roles", f'there is no store "{store[:40]}". There are: {", ".join(stores)}.'))
    return problems

"""People of the shop: who they are, what they may, and how they are invited."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oms.accounts.passwords import hashed
from oms.accounts.reach import require_roles, require_somebody
from oms.accounts.tokens import new_token, token_hash
from oms.addresses import wire_address
from oms.errors import Conflict, InvalidInput, NotAdmitted, NotFound, Problem
from oms.orders.wording import clean_text
from oms.ports.accounts import Account
from oms.ports.deeds import Deed, about, visitor
from oms.ports.store import Store, UnitOfWork
from oms.rights import ROLES, Caller

INVITED = timedelta(days=3)
"""So long an invitation counts."""
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Invitation:
    """What lets somebody choose a password, once. The token is shown now and never again."""

    token: str
    until: datetime


def invitation_address(server: str | None, token: str) -> str:
    """Where an invitation is opened; None: the path on whatever server answers."""
    return f"{(server or '').rstrip('/')}/invitation?token={token}"


def create_account(
    store: Store,
    email: str,
    *,
    name: str,
    roles: Sequence[str],
    password: str | None,
    stores: Collection[str],
    by: Caller | None = None,
) -> None:
    """Let somebody in.

    Args:
        store: The database.
        email: Stands in the history.
        name: As pages greet them.
        roles: `manager`, or of one store only `clerk@main`.
        password: None: they are invited, or log in by an identity provider only.
        stores: Those that the shop has.
        by: Who does it; None: somebody at the machine itself, who may do anything.

    Raises:
        InvalidInput: address, name, roles or password are none.
        Conflict: there is somebody of this address.
        NotAllowed: `by` can't give these roles.
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
    if by is not None:
        require_roles(by, roles)
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
    by: Caller | None = None,
) -> Account:
    """Change what is said; whoever it is, is logged out everywhere.

    Raises:
        InvalidInput: roles or password are none.
        NotFound: there is nobody of this address.
        NotAllowed: `by` can't give or take these roles.
        Conflict: `by` would leave nobody who may let in others.
    """
    if roles is not None and (problems := _role_problems(roles, stores)):
        raise InvalidInput(problems)
    secret = None if password is None else hashed(password, email=email)
    said = [*([] if roles is None else roles), *([] if active is None else ["open" if active else "closed"]), *(["password"] if password else [])]
    about(f"person:{_address(email)}", said=" ".join(said))
    with store.writing() as work:
        before = work.accounts.lock()  # two who take each other's role away wait for each other
        account = _found(before, email)
        changed = replace(
            account,
            password_hash=secret or account.password_hash,
            roles=account.roles if roles is None else tuple(roles),
            active=account.active if active is None else active,
        )
        if by is not None:
            touched = set(account.roles) ^ set(changed.roles)
            require_roles(by, {*account.roles, *changed.roles} if changed.active != account.active else touched)
            require_somebody(before, [changed if each.id == account.id else each for each in before])
        work.accounts.change(changed)
        work.sessions.end_all(account.id)
    return changed


def invite(store: Store, email: str, *, by: Caller | None = None) -> Invitation:
    """Let somebody choose a password; an invitation that they had before counts no longer.

    Raises:
        NotFound: there is nobody of this address.
        NotAllowed: `by` hasn't all that they may.
        Conflict: their account is closed.
    """
    about(f"person:{_address(email)}")
    token = new_token()
    with store.writing() as work:
        account = _found(work.accounts.lock(), email)
        if by is not None:
            require_roles(by, account.roles)
        if not account.active:
            raise Conflict(f"The account of {account.email} is closed: open it first.")
        until = work.now() + INVITED
        work.accounts.change(replace(account, invitation_sha256=token_hash(token), invitation_until=until))
    return Invitation(token, until)


def accept(store: Store, token: str, *, password: str) -> Account:
    """Choose a password by an invitation, which counts no longer then; whoever is logged in there isn't any more.

    Raises:
        NotAdmitted: it is none, it was used, or its time is over.
        InvalidInput: the password is none.
    """
    with store.reading() as work:
        account = _invited(work, token)
    secret = hashed(password, email=account.email)
    with store.writing() as work:
        work.accounts.lock()
        account = _invited(work, token)
        changed = replace(account, password_hash=secret, invitation_sha256=None, invitation_until=None)
        work.accounts.change(changed)
        work.sessions.end_all(account.id)
        what = Deed(what="acceptInvitation", actor=account.email, actor_id=account.id, subject=f"person:{account.email}")
        work.write_down(visitor().sign(what))
    return changed


def end_sessions(store: Store, email: str, *, by: Caller) -> int:
    """Log somebody out everywhere. Returns of how many sessions.

    Raises:
        NotFound: there is nobody of this address.
        NotAllowed: `by` hasn't all that they may.
    """
    with store.writing() as work:
        account = _found(work.accounts.all(), email)
        require_roles(by, account.roles)
        return work.sessions.end_all(account.id)


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


def _found(accounts: Sequence[Account], email: str) -> Account:
    address = _address(email)
    found = next((account for account in accounts if account.email == address), None)
    if found is None:
        raise NotFound(f"There is no account of {email[:80]}. `oms user list` shows who is there.")
    return found


def _invited(work: UnitOfWork, token: str) -> Account:
    account = work.accounts.invited(token_hash(token))
    if account is None or not account.active or account.invitation_until is None or work.now() >= account.invitation_until:
        raise NotAdmitted("This invitation counts no longer: it was used, its time is over, or there was none. Ask for a new one.")
    return account


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

"""People for whom an identity provider vouches: their account, their roles by its groups, their session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from oms.accounts.login import begin_session
from oms.addresses import wire_address
from oms.errors import NotAdmitted, NotAllowed
from oms.orders.wording import clean_text
from oms.ports.accounts import Account
from oms.ports.deeds import Deed, visitor
from oms.ports.store import Store, UnitOfWork

if TYPE_CHECKING:
    from oms.accounts.oidc import Identity

_LONGEST_NAME = 100


def log_in_vouched(store: Store, identity: Identity, *, roles: Mapping[str, Sequence[str]]) -> tuple[str, Account]:
    """Somebody's new session.

    Whoever is known by the provider's own number is known, whatever their address is now. Else an account of their address becomes theirs, if the
    provider says that the address is; else they get one. Their roles are those of their groups, now and at each login.

    Args:
        store: The database.
        identity: Whom the provider vouches for.
        roles: Group to roles.

    Returns:
        The token of the session, and who it is.

    Raises:
        NotAllowed: none of their groups has a role, or their account is closed.
        NotAdmitted: there is an account of their address that isn't proved to be theirs.
    """
    email = (wire_address(identity.email.strip()) or "").lower()
    try:
        given = _roles(identity, email, roles)
        with store.writing() as work:
            account = _own(work, identity, email=email, roles=given)
            return begin_session(work, account, said="oidc"), account
    except (NotAllowed, NotAdmitted):
        with store.writing() as work:
            work.write_down(visitor().sign(Deed(what="logIn", actor=email, subject=f"person:{email}", said="oidc", outcome="refused")))
        raise


def _roles(identity: Identity, email: str, roles: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    if not email:
        raise NotAdmitted("The login was refused: what the identity provider tells is no plain mail address.")
    given = tuple(sorted({role for group in identity.groups for role in roles.get(group, ())}))
    if not given:
        raise NotAllowed(f"{email} may not come in: none of their groups has a role here. An administrator adds them to one, or [oidc.roles].")
    return given


def _own(work: UnitOfWork, identity: Identity, *, email: str, roles: tuple[str, ...]) -> Account:
    """Their account, as it is from now on."""
    account = work.accounts.known_as(identity.issuer, identity.subject)
    if account is None:
        account = work.accounts.find(email)
        if account is not None and (not identity.is_verified or account.issuer is not None):
            raise NotAdmitted("The login was refused: there is an account of this address, and nothing proves that it is theirs.")
    if account is None:
        return _new(work, identity, email=email, roles=roles, at=work.now())
    if not account.active:
        raise NotAllowed(f"The account of {account.email} is closed.")
    changed = replace(account, roles=roles, issuer=identity.issuer, issuer_subject=identity.subject)
    if changed != account:
        work.accounts.change(changed)
        work.sessions.end_all(account.id)
    return changed


def _new(work: UnitOfWork, identity: Identity, *, email: str, roles: tuple[str, ...], at: datetime) -> Account:
    try:
        name = clean_text(identity.name[:_LONGEST_NAME], limit=_LONGEST_NAME)
    except ValueError:  # it is no reason to stay outside
        name = email
    made = Account(email=email, name=name, password_hash=None, roles=roles, created_at=at, issuer=identity.issuer, issuer_subject=identity.subject)
    number = work.accounts.add(made)
    if number is None:  # somebody made it at this moment
        raise NotAdmitted("The login was refused: there is an account of this address, and nothing proves that it is theirs.")
    return replace(made, id=number)

"""`oms user …`: people of the shop."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from oms.accounts.people import change_account, create_account, invitation_address, invite
from oms.cli.desk import shop_of
from oms.cli.screen import AsJson, show, table

app = typer.Typer(no_args_is_help=True, help="Let people in, and say what they may.")

Email = Annotated[str, typer.Argument(metavar="ADDRESS", help="Mail address; stands in the history.", show_default=False)]
Roles = Annotated[list[str] | None, typer.Option("--role", metavar="ROLE[@STORE]", help="viewer, clerk, accountant, manager, admin; repeatable.")]
FromStdin = Annotated[bool, typer.Option("--stdin", help="Read the password from stdin, its first line.")]


_AS_TOLD = "An invitation for three days, shown this once; they open it and choose a password:"


@app.command("create")
def create(
    context: typer.Context,
    email: Email,
    *,
    name: Annotated[str, typer.Option(metavar="TEXT", help="As pages greet them.", show_default=False)],
    role: Roles = None,
    stdin: FromStdin = False,
    invited: Annotated[bool, typer.Option("--invite", help="Ask for no password: print what lets them choose one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make an account; the password is asked for, unless they are invited.

    Examples:
      oms user create jana@shop.example --name Jana --role admin
      oms user create tom@shop.example --name Tom --role clerk@main
    """
    with shop_of(context) as shop:
        password = None if invited else _password(stdin=stdin)
        create_account(shop.store, email, name=name, roles=role or [], password=password, stores=list(shop.settings.stores))
        invitation = invite(shop.store, email) if invited else None
        opened = [_AS_TOLD, invitation_address(shop.settings.server.address, invitation.token)] if invitation else []
    told = [f"{email.lower()} may log in: {', '.join(role or [])}.", *opened]
    show({"email": email.lower(), "roles": role, "invitation": invitation}, *told, as_json=as_json)


@app.command("invite")
def invite_again(context: typer.Context, email: Email, *, as_json: AsJson = False) -> None:
    """Let somebody choose a password; the link is shown this once.

    Example:
      oms user invite tom@shop.example
    """
    with shop_of(context) as shop:
        invitation = invite(shop.store, email)
        opened = invitation_address(shop.settings.server.address, invitation.token)
    show({"email": email.lower(), "invitation": invitation}, _AS_TOLD, opened, as_json=as_json)


@app.command("list")
def list_users(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List people, and what they may.

    Example:
      oms user list
    """
    with shop_of(context) as shop, shop.store.reading() as work:
        accounts = work.accounts.all()
    plain = [{"email": each.email, "name": each.name, "roles": each.roles, "active": each.active, "created_at": each.created_at} for each in accounts]
    rows = [(each.email, each.name, " ".join(each.roles), "" if each.active else "closed") for each in accounts]
    show(plain, table(("=Address", "Name", "Roles", ""), rows) if rows else "Nobody is there yet: oms user create", as_json=as_json)


@app.command("role")
def set_roles(context: typer.Context, email: Email, *, role: Roles = None, as_json: AsJson = False) -> None:
    """Say what somebody may from now on; they log in anew.

    Example:
      oms user role tom@shop.example --role clerk --role accountant
    """
    with shop_of(context) as shop:
        account = change_account(shop.store, email, roles=role or [], stores=list(shop.settings.stores))
    show({"email": account.email, "roles": account.roles}, f"{account.email} is: {', '.join(account.roles)}.", as_json=as_json)


@app.command("password")
def set_password(context: typer.Context, email: Email, *, stdin: FromStdin = False, as_json: AsJson = False) -> None:
    """Give somebody a new password; they are logged out everywhere.

    Example:
      oms user password tom@shop.example
    """
    with shop_of(context) as shop:
        account = change_account(shop.store, email, password=_password(stdin=stdin))
    show({"email": account.email, "changed": True}, f"{account.email} has a new password.", as_json=as_json)


@app.command("close")
def close(
    context: typer.Context,
    email: Email,
    *,
    again: Annotated[bool, typer.Option("--open", help="Open it again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Close somebody's account: they are logged out, and stay outside.

    Example:
      oms user close tom@shop.example
    """
    with shop_of(context) as shop:
        account = change_account(shop.store, email, active=again)
    show({"email": account.email, "active": account.active}, f"{account.email} is {'open again' if again else 'closed'}.", as_json=as_json)


def _password(*, stdin: bool) -> str:
    """Never an argument: those can be seen by everybody on the machine."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))

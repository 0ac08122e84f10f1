"""`oms key …`: let programs in."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from oms.accounts.keys import create_key, revoke_key
from oms.cli.desk import actor, shop_of
from oms.cli.screen import AsJson, show, table, when
from oms.rights import RIGHTS

app = typer.Typer(no_args_is_help=True, help="Let programs in: keys of the API.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the history calls it.", show_default=False)]


@app.command("create")
def create(
    context: typer.Context,
    name: Name,
    *,
    scope: Annotated[list[str] | None, typer.Option(metavar="RIGHT", help="What it may do; repeatable. oms key rights lists them.")] = None,
    store: Annotated[str | None, typer.Option(metavar="NAME", help="The only store that it sees.", show_default="the first")] = None,
    days: Annotated[int | None, typer.Option(metavar="N", min=1, max=3650, help="It counts so long.", show_default="until revoked")] = None,
    as_json: AsJson = False,
) -> None:
    r"""Make a key for a program; it is shown this once.

    Example:
      oms key create webshop --scope orders.place \
        --scope orders.read --scope orders.trigger
    """
    with shop_of(context) as shop:
        until = shop.store.now() + timedelta(days=days) if days else None
        of_store = store or shop.settings.default_store
        key = create_key(shop.store, name, of_store=of_store, scopes=scope or [], actor=actor(), stores=list(shop.settings.stores), expires_at=until)
    told = f"The key {name} of store {of_store}, shown this once:"
    show({"name": name, "store": of_store, "key": key, "scopes": scope, "expires_at": until}, told, key, as_json=as_json)


@app.command("list")
def list_keys(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List keys: what they may, and when they were used last.

    Example:
      oms key list
    """
    with shop_of(context) as shop:
        with shop.store.reading() as work:
            keys = work.api_keys.all()
        zone, now = next(iter(shop.engine.profiles.values())).zone, shop.store.now()
    plain = [
        {"name": key.name, "store": key.store, "scopes": key.scopes, "counts": key.counts(now), "created_at": key.created_at}
        | {"created_by": key.actor, "expires_at": key.expires_at, "revoked_at": key.revoked_at, "used_at": key.used_at}
        for key in keys
    ]
    rows = [
        (key.name, key.store, " ".join(key.scopes), "yes" if key.counts(now) else "no", when(key.used_at, zone) if key.used_at else "never")
        for key in keys
    ]
    show(plain, table(("=Key", "=Store", "Rights", "=Counts", "=Used last"), rows) if rows else "There is no key yet.", as_json=as_json)


@app.command("revoke")
def revoke(context: typer.Context, name: Name, *, as_json: AsJson = False) -> None:
    """Revoke a key: from now on it opens nothing.

    Example:
      oms key revoke webshop
    """
    with shop_of(context) as shop:
        revoke_key(shop.store, name)
    show({"name": name, "revoked": True}, f"The key {name} opens nothing any more.", as_json=as_json)


@app.command("rights")
def list_rights(*, as_json: AsJson = False) -> None:
    """List the rights that a key may be given.

    Example:
      oms key rights
    """
    show(dict(RIGHTS), table(("=Right", "Lets a program"), list(RIGHTS.items())), as_json=as_json)

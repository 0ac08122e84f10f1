"""The end of the demo: its shop is served on this machine, with somebody who may do everything, until Ctrl-C."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

from rich.console import Console

from oms.accounts.keys import create_key
from oms.accounts.people import create_account
from oms.bootstrap import open_shop
from oms.rights import RIGHTS
from oms.server import listening_at, serve

HOST = "127.0.0.1"
SOMEBODY = "anna@kaffeehaus-muster.example"
WAYS = """\
  Pages     {address}/
  as        {email}
  password  {password}
  API       {address}/api/v1/orders
  with      Authorization: Bearer
            {key}
  Its book  {address}/api/v1/docs

In the store "atelier" one order is red:
{address}/stores/atelier/overview
Why is it stuck? Once you know, press "Try again now".

Ctrl-C ends it; nothing leaves this machine."""


def serve_demo(folder: Path, *, port: int) -> None:
    """Answer requests until SIGTERM or SIGINT.

    Args:
        folder: Of the shop that `run` made.
        port: 0: any that is free.

    Raises:
        OmsError: the port can't be had.
    """
    screen = Console(highlight=False, emoji=False, markup=False, width=None if sys.stdout.isatty() else 80)
    with listening_at(HOST, port) as free:
        port = int(free.getsockname()[1])
    with open_shop(folder) as shop:
        stores = list(shop.settings.stores)
        password = secrets.token_urlsafe(12)
        create_account(shop.store, SOMEBODY, name="Anna", roles=["admin"], password=password, stores=stores)
        key = create_key(shop.store, "demo", of_store=shop.settings.default_store, scopes=tuple(RIGHTS), actor="demo", stores=stores)
        screen.print()
        screen.rule("The shop is open", characters="─", align="left", style="dim")
        told = WAYS.format(address=f"http://{HOST}:{port}", email=SOMEBODY, password=password, key=key)
        screen.print(f"\n{told}\n", soft_wrap=True)
        sys.stdout.flush()
        serve(shop, host=HOST, port=port, works=True)

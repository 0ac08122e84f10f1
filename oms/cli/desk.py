"""What commands have in common: the shop that is meant, who is asking, and how it is written."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from oms.bootstrap import Shop, open_shop
from oms.errors import InvalidOrder
from oms.orders.raw import check_raw, load_json

Reference = Annotated[str, typer.Argument(metavar="REF", help="The order's reference.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in a few words; stands in the history.", show_default=False)]
Store = Annotated[str | None, typer.Option("--store", metavar="NAME", help="The order's store, when several have this reference.")]


def folder_of(context: typer.Context) -> Path:
    """The shop's folder, as `--shop` names it."""
    return context.find_object(Path) or Path()


def shop_of(context: typer.Context) -> Shop:
    """The shop, open until the `with` around it ends."""
    return open_shop(folder_of(context))


def actor() -> str:
    """Who is asking, as it stands in the history: `cli:jana`."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError, ImportError):  # a container without accounts
        return "cli"


def payload_of(text: str | None) -> dict[str, object]:
    """What `--with` says.

    Raises:
        typer.BadParameter: it is no JSON object.
    """
    if text is None:
        return {}
    try:
        payload = load_json(text)
        check_raw(payload)
    except InvalidOrder as error:
        raise typer.BadParameter(" ".join(map(str, error.problems)).replace("the document", "it", 1), param_hint="--with") from error
    if not isinstance(payload, dict):
        raise typer.BadParameter("""it must be a JSON object, like '{"reference": "tx_1"}'.""", param_hint="--with")
    return payload

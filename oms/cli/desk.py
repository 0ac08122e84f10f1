"""What commands have in common: the shop that is meant, who is asking, and how it is written."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oms.errors import InvalidOrder
from oms.orders.raw import check_raw, load_json
from oms.ports.deeds import Deed, visit

if TYPE_CHECKING:
    from oms.bootstrap import Shop
    from oms.process.vocabulary import Vocabulary
    from oms.settings import Settings

Reference = Annotated[str, typer.Argument(metavar="REF", help="The order's reference.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in a few words; stands in the history.", show_default=False)]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The invoice's or credit note's number.", show_default=False)]
OfStore = Annotated[str | None, typer.Option("--store", metavar="NAME", help="The document's store, when several have this number.")]
Store = Annotated[str | None, typer.Option("--store", metavar="NAME", help="The order's store, when several have this reference.")]

SUBJECTS = {"reference": "order", "number": "paper", "email": "person"}
"""What arguments of commands name."""
STAYING = frozenset({"work", "serve", "demo"})
"""Commands that do what others asked for."""


def folder_of(context: typer.Context) -> Path:
    """The shop's folder, as `--shop` names it."""
    return context.find_object(Path) or Path()


def shop_of(context: typer.Context) -> Shop:
    """The shop, open until the `with` around it ends. What the command commits is written down as done by who calls it."""
    if context.command.name not in STAYING:
        guest = context.with_resource(visit())
        named = next((f"{subject}:{context.params[name]}" for name, subject in SUBJECTS.items() if context.params.get(name)), "")
        guest.means(Deed(what=context.command_path, actor=actor(), subject=named[:200]), counts=True)
    from oms.bootstrap import open_shop  # noqa: PLC0415 - loads all that a shop needs; help needs none of it

    return open_shop(folder_of(context))


def language_of(context: typer.Context) -> tuple[Settings, Vocabulary]:
    """What process files may name in that shop; it is not opened."""
    from oms.bootstrap import read_language  # noqa: PLC0415 - the same

    return read_language(folder_of(context))


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

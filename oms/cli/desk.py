"""What every command is given: the shop of the folder that was named, and who is asking."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from oms.bootstrap import Shop, open_shop
from oms.errors import InvalidOrder
from oms.orders.raw import check_raw, load_json
from oms.process.model import Process
from oms.settings import Settings, load_settings

Reference = Annotated[str, typer.Argument(metavar="REF", help="The order's reference.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in a few words; stands in the history.", show_default=False)]
Store = Annotated[str | None, typer.Option("--store", metavar="NAME", help="The order's store, when several have this reference.")]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the commands of one call find their shop."""

    folder: Path

    def settings(self) -> Settings:
        """What config/ and environment say."""
        return load_settings(self.folder)

    @contextmanager
    def shop(self) -> Iterator[Shop]:
        """The shop, open as long as the command runs."""
        with open_shop(self.folder) as shop:
            yield shop

    @property
    def shown_folder(self) -> str:
        """The folder as it can be typed."""
        return str(self.folder)


def desk_of(context: typer.Context) -> Desk:
    """The desk of this call."""
    desk = context.find_object(Desk)
    return desk or Desk(Path())


def actor() -> str:
    """Who is asking, as it stands in the history: `cli:jana`."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError, ImportError):  # a container without accounts
        return "cli"


def process_of(shop: Shop, version: int) -> Process:
    """The process that an order follows, as the engine executes it."""
    with shop.store.reading() as work:
        return shop.engine.processes.get(work, version).process


def zone_of(shop: Shop, store: str) -> str:
    """Whose clock is shown."""
    return shop.engine.profile(store).zone


def now_of(shop: Shop) -> datetime:
    """The shop's clock."""
    return shop.engine.clock()


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

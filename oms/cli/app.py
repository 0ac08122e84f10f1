"""Puts the commands together and is called as `oms`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from oms import __version__
from oms.cli import orders
from oms.cli.desk import Desk
from oms.cli.failing import INTERRUPTED, TOLD, tell

app = typer.Typer(
    name="oms",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.add_typer(orders.app, name="order")


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"oms {__version__}")
        raise typer.Exit


@app.callback()
def call(
    context: typer.Context,
    *,
    shop: Annotated[Path, typer.Option(metavar="FOLDER", envvar="OMS_SHOP", help="The shop's folder, in which config/ lies.")] = Path(),
    _version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")] = False,
) -> None:
    """Orders that move by the rules of a process, with their invoices.

    A new shop, from nothing to the first invoice:
      oms init && oms db upgrade && oms deploy
      oms order place order.json
      oms order trigger A-1001 pay --with '{"amount": "168.80", "reference": "tx_1"}'
      oms work --once
      oms order show A-1001

    It ends with 0 if all is well, 1 if something was refused or failed, 2 if the call, the settings or a file can't be read.
    """
    context.obj = Desk(shop)


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says, and end with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    sys.exit(_run(given))


def _run(arguments: Sequence[str]) -> int:
    try:
        return app(list(arguments), standalone_mode=False, prog_name="oms") or 0
    except TOLD as error:
        return tell(error, as_json="--json" in arguments)
    except typer.Abort:
        return INTERRUPTED

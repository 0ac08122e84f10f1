"""Puts the commands together and is called as `oms`."""

from __future__ import annotations

import gc
import logging
import os
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from oms import __version__
from oms.cli import (
    customers,
    demonstrating,
    deploying,
    event_files,
    examining,
    founding,
    inbox,
    incidents,
    invoices,
    keys,
    mails,
    moving,
    orders,
    payments,
    processes,
    pruning,
    series,
    serving,
    trail,
    users,
    webhooks,
    working,
)
from oms.cli.failing import INTERRUPTED, TOLD, tell
from oms.errors import OmsError
from oms.logs import set_up

app = typer.Typer(
    name="oms",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
)
COMMANDS: Mapping[str, Sequence[Callable[..., object]]] = {
    "A shop": (
        founding.init,
        examining.doctor,
        serving.serve,
        working.work,
        working.hold,
        working.release,
        founding.backup,
        pruning.prune,
        trail.trail,
        demonstrating.demo,
    ),
    "Orders and invoices": (orders.history,),
    "Processes": (processes.check, deploying.deploy, deploying.versions, processes.source, processes.graph, processes.schema),
}
"""Panel of the help to its commands; each is called as its function is."""

GROUPS: Mapping[str, Mapping[str, typer.Typer]] = {
    "A shop": {"db": founding.database, "config": founding.config, "key": keys.app, "user": users.app, "webhook": webhooks.app},
    "Orders and invoices": {
        "order": orders.app,
        "customer": customers.app,
        "invoice": invoices.app,
        "payment": payments.app,
        "series": series.app,
        "mail": mails.app,
        "inbox": inbox.app,
        "events": event_files.app,
        "incident": incidents.app,
    },
}

founding.database.command("copy")(moving.copy_database)
for panel, commands in COMMANDS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
for panel, groups in GROUPS.items():
    for name, group in groups.items():
        app.add_typer(group, name=name, rich_help_panel=panel)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"oms {__version__}")
        raise typer.Exit


@app.callback()
def call(
    context: typer.Context,
    *,
    shop: Annotated[
        Path, typer.Option(metavar="FOLDER", envvar="OMS_SHOP", help="The shop's folder; config/ lies in it.", show_default="here")
    ] = Path(),
    _version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")] = False,
) -> None:
    r"""Orders that move by the rules of a process, with their invoices.

    A new shop, from nothing to the first invoice:
      oms init && oms db upgrade && oms deploy
      oms order place order.json
      oms order trigger A-1001 pay \
        --with '{"amount": "168.80", "reference": "tx_1"}'
      oms work --once
      oms order show A-1001

    It ends with 0 if all is well, 1 if something was refused or failed,
    2 if the call, the settings or a file can't be read.
    """
    context.obj = shop


def main() -> None:
    """What `oms` and `python -m oms` call."""
    gc.set_threshold(50_000)  # what imports make stays: a command need not look through it every 700 objects
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # an arrow on a terminal that knows none is no reason to fail
    set_up("text", level=logging.WARNING)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Do what the command line says. Returns the exit code."""
    as_json = "--json" in arguments
    try:
        _refuse_control_characters(arguments)
        return app(list(arguments), standalone_mode=False, prog_name="oms") or 0
    except TOLD as error:
        return tell(error, as_json=as_json)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:  # a fault of ours: its trace helps us, not the one who reads it
        if os.environ.get("OMS_TRACE"):
            raise
        sentence = f"This is a fault of oms: {type(error).__name__}: {error}. Please report it, with what OMS_TRACE=1 shows."
        return tell(OmsError(sentence), as_json=as_json)


def _refuse_control_characters(arguments: Sequence[str]) -> None:
    """What steers a terminal or is half a character (bytes that are no UTF-8) could neither be stored nor shown."""
    for argument in arguments:
        if any(unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t" for character in argument):
            shown = argument.encode("unicode_escape").decode()[:80]
            raise typer.BadParameter(f'"{shown}" holds a control character, or bytes that are no UTF-8: leave them out.')

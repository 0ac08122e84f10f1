"""`oms demo`: watch an order go from placed to closed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oms.cli.screen import AsJson, show


def demo(
    *,
    folder: Annotated[Path | None, typer.Option(metavar="FOLDER", file_okay=False, help="Where the demo's shop is made.")] = None,
    pause: Annotated[bool | None, typer.Option("--pause/--no-pause", " /--yes", help="Whether it waits for Enter; else only on a terminal.")] = None,
    as_json: AsJson = False,
) -> None:
    """Watch an order go from placed to closed, in a shop with 30.

    Its invoice arrives as a PDF in the customer's mailbox.
    Nothing leaves this machine; no server is needed.

    Examples:
      oms demo
      oms demo --folder try-out --no-pause
    """
    from oms.demo import run  # noqa: PLC0415 - the other commands do without it

    made = run(pause=pause, folder=folder, quiet=as_json)
    if as_json:
        show(made, as_json=True)

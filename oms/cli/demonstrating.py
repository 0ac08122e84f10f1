"""`oms demo`: watch an order go from placed to closed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from oms.cli.screen import AsJson, show


def demo(
    *,
    folder: Annotated[Path | None, typer.Option(metavar="FOLDER", file_okay=False, help="Where the demo's shop is made.")] = None,
    pause: Annotated[bool | None, typer.Option("--pause/--no-pause", " /--yes", help="Whether it waits for Enter; else only on a terminal.")] = None,
    serves: Annotated[bool | None, typer.Option("--serve/--no-serve", help="Whether the shop is served then; else only on a terminal.")] = None,
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Where it is served. 0: any that is free.")] = 8000,
    as_json: AsJson = False,
) -> None:
    """Watch an order go from placed to closed, in a shop with 30.

    Its invoice arrives as a PDF in the customer's mailbox.
    Then the shop is served, to look around in it, until Ctrl-C.
    Nothing leaves this machine; no server is needed.

    Examples:
      oms demo
      oms demo --folder try-out --no-pause
    """
    from oms.demo import run  # noqa: PLC0415 - the other commands do without it

    made = run(pause=pause, folder=folder, quiet=as_json)
    if as_json:
        show(made, as_json=True)
    if serves or (serves is None and not as_json and sys.stdin.isatty() and sys.stdout.isatty()):
        from oms.demo.serving import serve_demo  # noqa: PLC0415 - the same

        serve_demo(Path(str(made["shop"])), port=port)

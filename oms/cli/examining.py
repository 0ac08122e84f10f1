"""`oms doctor`: whether everything works."""

from __future__ import annotations

import typer

from oms.cli.screen import AsJson


def doctor(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Say whether all works that the shop needs, and how to mend it.

    Ends with 1 if something has to be mended.

    Example:
      oms doctor
    """
    from oms.cli.doctor import examine  # noqa: PLC0415 - looks into everything; help needs none of it

    examine(context, as_json=as_json)

"""What `oms doctor` says: does everything that a shop needs work? One line each, and how to mend it. `oms.lookup.doctor` looks."""

from __future__ import annotations

import platform

import typer
from rich.text import Text

from oms.cli.desk import folder_of, shop_of
from oms.cli.failing import REFUSED
from oms.cli.screen import show, table
from oms.errors import InvalidSettings
from oms.lookup.doctor import of_settings, of_shop
from oms.lookup.found import Line
from oms.settings import load_settings


def examine(context: typer.Context, *, as_json: bool) -> None:
    """Look at everything, and tell it.

    Raises:
        typer.Exit: something has to be mended.
    """
    lines = [Line("ok", "Python", platform.python_version())]
    try:
        lines += of_settings(load_settings(folder_of(context)))
        with shop_of(context) as shop:
            lines += of_shop(shop)
    except InvalidSettings as error:
        lines += [Line("PROBLEM", "settings", str(problem)) for problem in error.problems]
    rows = [(Text(line.mark, style=_STYLES[line.mark]), line.what, f"{line.said}\n→ {line.mend}" if line.mend else line.said) for line in lines]
    show(lines, table(("", "", ""), rows), as_json=as_json)
    if any(line.mark == "PROBLEM" for line in lines):
        raise typer.Exit(REFUSED)


_STYLES = {"ok": "green", "note": "yellow", "PROBLEM": "bold red"}

"""`oms db copy`: from a file to a server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from oms.cli.desk import shop_of
from oms.cli.screen import AsJson, counted, show
from oms.errors import Conflict


def copy_database(
    context: typer.Context,
    url: Annotated[str | None, typer.Argument(metavar="URL", help="postgresql://user@host/database: an empty one.", show_default=False)] = None,
    *,
    password_file: Annotated[
        Path | None, typer.Option("--password-file", metavar="FILE", help="Else as libpq finds it: PGPASSWORD, ~/.pgpass.")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Go on in the file; what was copied counts no more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Move the shop from its file to a PostgreSQL server.

    With orders, timers and jobs in flight, PDFs and mails. Stop the workers
    first. The file is frozen: whoever has it open is told where the shop is.
    Interrupted, it goes on where it was when it is called again. At the end
    both sides are compared, row by row and file by file.

    Examples:
      oms db copy postgresql://oms@db.shop.example/shop
      oms db copy --undo
    """
    from oms.store.moving import move, move_back  # noqa: PLC0415 - takes time to load, and the other commands need none
    from oms.store.sqlite import SqliteStore  # noqa: PLC0415 - the same

    if (url is None) != undo:
        raise typer.BadParameter("say where to, or --undo.", param_hint="URL")
    if url is not None and not url.startswith("postgresql://"):
        raise typer.BadParameter(f"{url[:60]!r} is no server: write postgresql://user@host/database.", param_hint="URL")
    password = password_file.read_text(encoding="utf-8").strip() if password_file else None
    with shop_of(context) as shop:
        if not isinstance(shop.store, SqliteStore):
            raise Conflict(f"The shop is on a server already: {shop.store.name}.")
        if url is None:
            target = move_back(shop.store)
            show({"undone": target}, f"The shop goes on in {shop.store.path}. What is in {target} counts no more.", as_json=as_json)
            return
        archive = shop.archive if shop.settings.archive_is_a_folder else None
        moved = move(shop.store, archive, url, password=password, tell=_tell)
        path = shop.store.path
    rows = sum(moved.rows.values())
    show(
        moved,
        f"{counted(rows, 'row')} and {counted(moved.files, 'file')} are in {moved.target}, and the same as here.",
        f"""
Next:
  1. In config/oms.toml: [database] url = "{url}", and nothing at archive.folder.
  2. oms doctor
  3. Start the workers, on as many hosts as you like.
{path} is frozen, and the archive beside it is needed no more: keep both until you are sure.""",
        as_json=as_json,
    )


def _tell(what: str, done: int) -> None:
    """How far it is, for whoever waits before a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{what}: {done}\n")

"""`oms init`, `db upgrade`, `backup` and `config show`: what a shop stands on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from oms.cli.desk import folder_of, shop_of
from oms.cli.failing import REFUSED
from oms.cli.screen import AsJson, counted, show
from oms.errors import StoreUnavailable
from oms.resources import ResourceName, resource_folder

database = typer.Typer(no_args_is_help=True, help="The database.")
config = typer.Typer(no_args_is_help=True, help="The settings.")


def init(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", file_okay=False, help="Where; nothing said: here.", show_default=False)] = None,
    *,
    templates: Annotated[bool, typer.Option("--templates", help="Copy the templates, too, to change them.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a new shop: its settings and example processes.

    They are yours to be changed. Files that are there already stay as they are.

    Examples:
      oms init my-shop
      oms --shop my-shop init --templates
    """
    shop = folder or folder_of(context)
    names: tuple[ResourceName, ...] = ("config", "processes", "templates") if templates else ("config", "processes")
    copied = {path: new for name in names for path, new in _copy(resource_folder(name), shop / name)}
    made, kept = [path for path, new in copied.items() if new], [path for path, new in copied.items() if not new]
    here = "" if shop.resolve() == Path.cwd() else f" --shop {shop}"
    show(
        {"folder": shop, "made": made, "kept": kept},
        f"{shop.resolve()}: {counted(len(made), 'file')} made{f', {len(kept)} that were there kept' if kept else ''}.",
        f"""
Next:
  1. Write who you are into {shop / "config" / "seller.toml"}, and into {shop / "config" / "oms.toml"}
     how mail leaves ([mail]), whose it is and who gets copies ([stores.main]: from, bcc).
  2. oms{here} db upgrade      makes the database
  3. oms{here} deploy          puts the processes into force
  4. oms{here} doctor          says what is still missing""",
        as_json=as_json,
    )


def _copy(source: Path, target: Path) -> Iterator[tuple[Path, bool]]:
    """Copies a folder. Yields each file's path in the shop, and whether it was not there."""
    for path in sorted(
        each for each in source.rglob("*") if each.is_file() and not {"__pycache__", "backoffice"} & set(each.relative_to(source).parts)
    ):
        copy = target / path.relative_to(source)
        new = not os.path.lexists(copy)
        if new:
            copy.parent.mkdir(parents=True, exist_ok=True)
            _copy_whole(path, copy)
        yield copy, new


def _copy_whole(path: Path, copy: Path) -> None:
    """Whole or not at all: half a file would be kept as the shop's own when it is tried again."""
    beside = copy.with_name(f".{copy.name}.half")
    try:
        shutil.copyfile(path, beside)
        beside.replace(copy)
    finally:
        beside.unlink(missing_ok=True)


@database.command("upgrade")
def upgrade_database(
    context: typer.Context,
    *,
    new: Annotated[bool, typer.Option("--new", help="Make one although the archive holds papers of another.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the database to the newest form; a missing one is made. Doing it again changes nothing.

    Example:
      oms db upgrade
    """
    from oms.settings import load_settings  # noqa: PLC0415 - takes long to load, as SQL does, and help needs none
    from oms.store.opening import bring_up  # noqa: PLC0415 - the same

    settings = load_settings(folder_of(context))
    path, password = settings.database.path, settings.database.password
    if path is not None and not path.exists() and not new and any(settings.archive.folder.glob("*/*")):
        raise StoreUnavailable(
            f"The database {path} is gone, but {settings.archive.folder} holds its papers: a new one would number invoices from 1 again. "
            "Restore it from a backup; or say --new if that is what you want."
        )
    before, after = bring_up(settings.database.url, password=password.get_secret_value() if password else None)
    name = path or settings.database.url
    said = f"is made, with revision {after}" if before is None else f"is of revision {after}, as before" if before == after else f"{before} → {after}"
    show({"database": name, "before": before, "after": after}, f"The database {name} {said}.", as_json=as_json)


def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An empty folder, or one that isn't there yet.", show_default=False)],
    *,
    as_json: AsJson = False,
) -> None:
    """Copy the database and all PDFs and mails, while the shop works.

    The files' hashes are checked. config/, processes/ and templates/ are
    copied, too; secrets and modules of your own are not.

    To restore: stop the workers; put oms.db and archive/ of the backup in
    the place of the shop's (a server's oms.sql: into an empty database,
    by psql --single-transaction, then oms db upgrade); then release the
    mails, which the copy holds back: oms release mail.

    Example:
      oms backup /var/backups/shop-2026-11-25
    """
    from oms.settings import files_of  # noqa: PLC0415 - the same
    from oms.store.backup import ARCHIVE, back_up  # noqa: PLC0415 - the same

    with shop_of(context) as shop:
        beside = files_of(shop.settings, folder_of(context))
        at = next(iter(shop.engine.profiles.values())).local(shop.store.now())
        done = back_up(shop.store, shop.archive, beside=beside, folder=folder, at=at)
    names, where = "".join(f", {name}/" for name in done.beside), f"in {ARCHIVE}/" if shop.settings.archive_is_a_folder else "in it"
    told = f"{folder}: {done.database.name} and {counted(done.files, 'file')} {where} ({done.bytes:,} bytes){names}."
    show(done, told, *(f"damaged: {sentence}" for sentence in done.damaged), as_json=as_json)
    if done.damaged:
        raise typer.Exit(REFUSED)


@config.command("show")
def show_config(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show the settings that are in force, defaults and environment included. Secrets are stars.

    Example:
      oms config show
    """
    from oms.settings import load_settings, warnings_about  # noqa: PLC0415 - the same

    settings = load_settings(folder_of(context))
    lines = [f"{name} = {value}" for name, value in _flat(settings.masked())]
    show(settings.masked(), *lines, *(f"warning: {problem}" for problem in warnings_about(settings)), as_json=as_json)


def _flat(values: dict[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _written(value)


def _written(value: object) -> str:
    """As TOML would write it; nothing said is `-`."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)

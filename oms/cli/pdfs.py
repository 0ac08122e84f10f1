"""PDFs as the command line hands them out: made now if they aren't yet, and written where somebody wants them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oms.cli.screen import show
from oms.engine.jobs import run_job
from oms.errors import CommandFailed
from oms.ports.keys import stored_bytes
from oms.ports.records import DocumentFile
from oms.ports.store import UnitOfWork

if TYPE_CHECKING:
    from oms.bootstrap import Shop

Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help="Where to; - is stdout.")]


def made(
    shop: Shop, find: Callable[[UnitOfWork], DocumentFile | None], *, order: int, job: str, arguments: Mapping[str, object], what: str
) -> DocumentFile:
    """The PDF's place in the archive; its job is done first, if it isn't yet.

    Args:
        shop: Whose.
        find: Looks for the file.
        order: Whose job makes it.
        job: The job's name.
        arguments: Its arguments.
        what: The paper, as it is called.

    Raises:
        CommandFailed: it can't be made, or a worker is at it.
    """
    with shop.store.reading() as work:
        file = find(work)
        jobs = [each for each in work.jobs.of(order) if each.name == job and each.arguments == arguments]
    if file is not None:
        return file
    with shop.store.writing() as work:
        mine = [each.id for each in jobs if work.jobs.revive(each.id, at=work.now())]
    for each in mine:
        run_job(shop.engine, each, worker="cli")
    with shop.store.reading() as work:
        file = find(work)
        errors = [error for each in mine if (error := work.jobs.get(each).error)]
    if file is None:
        raise CommandFailed(f"The PDF of {what} could not be made: {errors[0] if errors else 'a worker is making it. Try again.'}")
    return file


def hand_out(shop: Shop, file: DocumentFile, target: Path, about: Mapping[str, object], *, as_json: bool) -> None:
    """Write the stored bytes to a file, or to stdout."""
    data = stored_bytes(shop.archive, file.key, sha256=file.sha256)
    if str(target) == "-":
        sys.stdout.buffer.write(data)
        return
    target.write_bytes(data)
    show({**about, "path": target, "sha256": file.sha256, "size": file.size}, f"{target}: {file.size:,} bytes", as_json=as_json)

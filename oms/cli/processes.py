"""`oms check`, `graph` and `schema`: process files, and what is drawn of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from oms.cli.desk import language_of, shop_of
from oms.cli.failing import REFUSED, UNREADABLE
from oms.cli.screen import AsJson
from oms.errors import NotFound
from oms.lookup.plain import to_json
from oms.process.graph import to_mermaid
from oms.process.model import Process

if TYPE_CHECKING:
    from oms.bootstrap import Shop

Name = Annotated[str, typer.Argument(metavar="NAME", help="The process.", show_default=False)]


def check(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", exists=True, help="What to check; nothing said: the shop's processes.")
    ] = None,
    *,
    form: Annotated[Literal["text", "json", "github", "sarif"], typer.Option("--format", help="How findings are printed.")] = "text",
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check process files.

    Every problem is told with its place, its rule and a hint.
    Ends with 0 if all is well, 1 if there are errors, 2 if a file can't be read.

    Examples:
      oms check
      oms check processes/prepayment.yaml --strict
      oms check --format sarif > check.sarif
    """
    from oms.cli.process_files import near, report_of, written  # noqa: PLC0415 - reads YAML, which takes time to load

    settings, vocabulary = language_of(context)
    report = report_of(paths or [near(settings.processes.folder)], vocabulary)
    sys.stdout.write(written(report, "json" if as_json else form))
    if any(finding.sentence.startswith("The file can't be read") for finding in report.errors):
        raise typer.Exit(UNREADABLE)
    if report.errors or (strict and report.findings):
        raise typer.Exit(REFUSED)


def graph(
    context: typer.Context,
    name: Name,
    *,
    locale: Annotated[str, typer.Option(metavar="LOCALE", help="Language of the titles.")] = "en",
    file: Annotated[bool, typer.Option("--file", help="Draw the file as it is now, not what is deployed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Draw a process as Mermaid.

    It is drawn from the very object that the engine executes.

    Examples:
      oms graph prepayment
      oms graph prepayment --file --locale de > prepayment.mmd
    """
    with shop_of(context) as shop:
        number, process = _drawable(shop, name, file=file)
    drawn = to_mermaid(process, locale=locale)
    sys.stdout.write(to_json({"process": name, "version": number, "mermaid": drawn}, indent=2) + "\n" if as_json else drawn)


def schema(context: typer.Context, *, as_json: AsJson = False) -> None:  # noqa: ARG001 - what it prints is JSON anyway
    """Print the JSON Schema of process files, for editors.

    It knows the shop's own commands, conditions and templates.

    Example:
      oms schema > processes/process.schema.json
    """
    from oms.process.check.schema import schema as schema_of  # noqa: PLC0415 - the same

    _, vocabulary = language_of(context)
    sys.stdout.write(schema_of(vocabulary))


def _drawable(shop: Shop, name: str, *, file: bool) -> tuple[int | None, Process]:
    """The version's number (None: not deployed) and the process."""
    if file:
        from oms.cli.process_files import process_in  # noqa: PLC0415 - the same

        return None, process_in(shop.settings.processes.folder, name, shop.vocabulary)
    with shop.store.reading() as work:
        version, known = work.versions.deployed(name), work.versions.all_deployed()
    if version is None:
        there_is = ", ".join(each.name for each in known) or "none yet; `oms deploy` does that"
        raise NotFound(f'No process "{name[:80]}" is deployed. There is: {there_is}. `oms graph {name[:80]} --file` draws the file.')
    return version.number, shop.engine.processes.load(version).process

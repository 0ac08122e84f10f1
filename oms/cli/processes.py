"""`oms check`, `source`, `graph` and `schema`: process files, and what is drawn of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from oms.cli.desk import language_of, shop_of
from oms.cli.failing import REFUSED, UNREADABLE
from oms.cli.screen import AsJson
from oms.errors import NotFound
from oms.lookup.plain import to_json
from oms.process.findings import ProcessFile
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


def source(
    context: typer.Context,
    name: Name,
    *,
    version: Annotated[int | None, typer.Option("--number", metavar="NUMBER", help="Of the version; left out: what new orders take.")] = None,
    part: Annotated[str | None, typer.Option("--part", metavar="PART", help="The file of this part, not the process's own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a process as somebody wrote it when it was deployed.

    That is its own file, or that of a part; `--json` has all of them.
    So a change can be taken back where nobody kept the file.

    Examples:
      oms source prepayment
      oms source prepayment --number 1 > processes/prepayment.yaml
    """
    from oms.lookup.processes import source_of  # noqa: PLC0415 - takes time to load, and help needs none

    with shop_of(context) as shop:
        line, files = source_of(shop, name, version)
    data = {"process": name, "version": line.number, "files": files}
    sys.stdout.write(to_json(data, indent=2) + "\n" if as_json else _one_of(files, f"{name} version {line.number}", part))


def schema(context: typer.Context, *, as_json: AsJson = False) -> None:  # noqa: ARG001 - what it prints is JSON anyway
    """Print the JSON Schema of process files, for editors.

    It knows the shop's own commands, conditions and templates.

    Example:
      oms schema > processes/process.schema.json
    """
    from oms.process.check.schema import schema as schema_of  # noqa: PLC0415 - the same

    _, vocabulary = language_of(context)
    sys.stdout.write(schema_of(vocabulary))


def _one_of(files: Sequence[ProcessFile], version: str, part: str | None) -> str:
    """The text of the process's own file, or of a part's. Raises NotFound."""
    if not files:
        raise NotFound(f"What {version} was written as was not kept: an older release deployed it. `oms deploy` keeps what new orders take.")
    wanted = f"parts/{part}.yaml" if part else files[0].name
    text = next((file.text for file in files if file.name == wanted), None)
    if text is None:
        there_is = ", ".join(PurePosixPath(file.name).stem for file in files[1:]) or "none"
        raise NotFound(f'There is no part "{(part or "")[:80]}" in {version}. There is: {there_is}.')
    return text


def _drawable(shop: Shop, name: str, *, file: bool) -> tuple[int | None, Process]:
    """The version's number (None: not deployed) and the process."""
    if file:
        from oms.cli.process_files import process_in  # noqa: PLC0415 - the same

        return None, process_in(shop.settings.processes.folder, name, shop.vocabulary)
    with shop.store.reading() as work:
        version, known = work.versions.deployed(name), work.versions.all_deployed()
    if version is None:
        there_is = f"There is: {', '.join(each.name for each in known)}." if known else "None is yet: `oms deploy` does that."
        raise NotFound(f'No process "{name[:80]}" is deployed. {there_is} `oms graph {name[:80]} --file` draws the file.')
    return version.number, shop.engine.processes.load(version).process

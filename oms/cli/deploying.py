"""`oms deploy` and `oms versions`: what new orders take, what that changes, and who follows what."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from oms.cli.desk import actor, shop_of
from oms.cli.failing import REFUSED
from oms.cli.screen import AsJson, counted, show, table, when
from oms.engine.processes import own
from oms.ports.records import Version
from oms.process.difference import Change, difference
from oms.process.findings import Report
from oms.process.versions import process_to_json, sha256_of

if TYPE_CHECKING:
    from oms.bootstrap import Shop


@dataclass(frozen=True, slots=True)
class Plan:
    """What deploying a process changes."""

    process: str
    before: Version | None  #: what is in force; None: nothing yet
    sha256: str  #: of the file's content
    changes: tuple[Change, ...]
    open_orders: Mapping[int, int]  #: number of a version to the orders that follow it
    own: Sequence[str]  #: words that stand in modules of the shop

    @property
    def changed(self) -> bool:
        """Whether the file says anything else than what is in force."""
        return self.before is None or self.before.sha256 != self.sha256


def deploy(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Processes; nothing said: all.", show_default=False)] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let new orders take the process files as they are now.

    It says what that changes, and how many open orders follow which version:
    orders in flight keep the one that they began with. The files are checked
    first; nothing is deployed if one of them has an error. Deploying an older
    file again takes a change back.

    Examples:
      oms deploy
      oms deploy prepayment --dry-run
    """
    from oms.bootstrap import refuse  # noqa: PLC0415 - takes time to load, and help needs none
    from oms.cli.process_files import near, report_of, written  # noqa: PLC0415 - the same

    with shop_of(context) as shop:
        report = report_of([near(shop.settings.processes.folder)], shop.vocabulary)
        errors = report.errors_of(names or ())
        if errors and not as_json:
            sys.stderr.write(written(Report(errors, {}), "text"))
            raise typer.Exit(REFUSED)
        refuse(report, names or ())
        plans = list(_plans(shop, report, names or ()))
        deployed = {} if dry_run else {version.name: version for version, _ in shop.deploy(names or (), actor=actor())}
    data = [_data(plan, deployed.get(plan.process)) for plan in plans]
    told = (line for plan in plans for line in _told(plan, deployed.get(plan.process)))
    show(data, *told, *([] if dry_run else _restart(plans)), as_json=as_json)


def versions(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Processes; nothing said: all.", show_default=False)] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what was deployed when and by whom, and how many open orders follow it.

    Examples:
      oms versions
      oms versions prepayment
    """
    with shop_of(context) as shop:
        zone = next(iter(shop.engine.profiles.values())).zone
        lines = [line for line in _deployments(shop) if not names or line.process in names]
    rows = [_row(line, zone) for line in lines]
    show(lines, table(("Process", ">Version", "Deployed", "By", "", ">Open orders"), rows), as_json=as_json)


@dataclass(frozen=True, slots=True)
class Line:
    """One deployment."""

    process: str
    version: int
    at: datetime
    actor: str
    in_force: bool
    open_orders: int | None  #: that follow the version; told with its newest deployment only


def _deployments(shop: Shop) -> Iterator[Line]:
    with shop.store.reading() as work:
        done, orders = work.versions.deployments(), work.versions.open_orders()
        numbered = {(version.name, version.number): version.id for version in work.versions.in_use()}
    newest = {(each.process, each.number): place for place, each in enumerate(done)}
    force = {each.process: each.number for each in done}
    for place, each in enumerate(done):
        is_newest = newest[each.process, each.number] == place
        follow = orders.get(numbered.get((each.process, each.number), 0), 0) if is_newest else None
        yield Line(each.process, each.number, each.at, each.actor, is_newest and force[each.process] == each.number, follow)


def _row(line: Line, zone: str) -> tuple[str, ...]:
    follow = "" if line.open_orders is None else str(line.open_orders)
    return line.process, str(line.version), when(line.at, zone), line.actor, "in force" if line.in_force else "", follow


def _plans(shop: Shop, report: Report, names: Sequence[str]) -> Iterator[Plan]:
    with shop.store.reading() as work:
        force = {version.name: version for version in work.versions.all_deployed()}
        orders = work.versions.open_orders()
        numbers = {version: work.versions.get(version) for version in orders}
    for name, loaded in report.processes.items():
        if names and name not in names:
            continue
        before, sha256 = force.get(name), sha256_of(process_to_json(loaded.process))
        changes = difference(shop.engine.processes.load(before).process, loaded.process) if before is not None else []
        follow = {numbers[version].number: count for version, count in sorted(orders.items()) if numbers[version].name == name}
        yield Plan(name, before, sha256, tuple(changes), follow, own(loaded.process, shop.vocabulary))


def _data(plan: Plan, version: Version | None) -> dict[str, object]:
    return {
        "process": plan.process,
        "version": version.number if version else None,
        "was": plan.before.number if plan.before else None,
        "sha256": plan.sha256,
        "changed": plan.changed,
        "deployed": plan.changed and version is not None,
        "changes": plan.changes,
        "own": plan.own,
        "open_orders": [{"version": number, "orders": orders} for number, orders in plan.open_orders.items()],
    }


def _told(plan: Plan, version: Version | None) -> Iterable[Text]:
    yield Text(f"{plan.process}: {_what(plan, version)}")
    yield from (Text(f"  {change}") for change in plan.changes)
    for number, orders in plan.open_orders.items():
        yield Text(f"  {counted(orders, 'open order')} {'follows' if orders == 1 else 'follow'} version {number}")


def _restart(plans: Iterable[Plan]) -> Iterable[Text]:
    """That a running program may not know a word yet, or knows it as it was: `oms deploy` can't see which it has read."""
    words = ", ".join(sorted({word for plan in plans for word in plan.own}))
    if words:
        yield Text(f"The shop's own modules have {words}: programs read them when they start, so after a change start oms serve and oms work again.")


def _what(plan: Plan, version: Version | None) -> str:
    was = plan.before.number if plan.before else None
    if not plan.changed:
        return f"version {was}, as before"
    if version is None:
        return "would be new" if was is None else f"would change version {was}"
    if was is None:
        return f"version {version.number}"
    return f"version {version.number}{' again' if version.number < was else ''}, was {was}"

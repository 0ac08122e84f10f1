"""`oms prune`: keep the database small."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from oms.cli.desk import shop_of
from oms.cli.screen import AsJson, counted, show
from oms.process.durations import parse_duration

LEAST = timedelta(days=7)
"""Younger than that is still looked for when something is asked."""


def prune(
    context: typer.Context,
    *,
    older_than: Annotated[str, typer.Option("--older-than", metavar="TIME", help="Such as 90d or 26w; at least 7d.")] = "90d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much it would be.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete what is over: jobs that were done, incidents that were closed.

    And webhooks that were delivered or given up.

    Orders, history, invoices, papers, payments and mails stay, and so does
    what says what became of a payment or a mail. The shop may work meanwhile.

    Examples:
      oms prune
      oms prune --older-than 26w --dry-run
    """
    from oms.store.pruning import prune as prune_store  # noqa: PLC0415 - takes time to load, and help needs none

    age = _age(older_than)
    with shop_of(context) as shop:
        done = prune_store(shop.store, before=shop.store.now() - age, dry_run=dry_run)
    most = f"{counted(done.jobs, 'job')}, {counted(done.incidents, 'incident')}, {counted(done.workers, 'worker')}"
    what = f"{most} and {counted(done.deliveries, 'webhook')} older than {older_than}"
    show({"dry_run": dry_run, "older_than": older_than, "pruned": done}, f"{what} {'would be deleted' if dry_run else 'deleted'}.", as_json=as_json)


def _age(words: str) -> timedelta:
    try:
        age = parse_duration(words)
    except ValueError as error:
        raise typer.BadParameter(f"{error}", param_hint="--older-than") from error
    if age < LEAST:
        raise typer.BadParameter("what is younger than 7d is still asked for: say 7d or more.", param_hint="--older-than")
    return age

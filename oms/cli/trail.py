"""`oms trail`: who did what."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from oms.cli.desk import shop_of
from oms.cli.screen import AsJson, show, table, when
from oms.process.durations import parse_duration


def trail(
    context: typer.Context,
    *,
    who: Annotated[str | None, typer.Option(metavar="ACTOR", help="As in jana@shop.example, key:webshop, cli:jana.")] = None,
    what: Annotated[str | None, typer.Option(metavar="NAME", help="As in logIn, letEventHappen, 'oms key create'.")] = None,
    order: Annotated[str | None, typer.Option(metavar="REF", help="On this order and its papers.")] = None,
    store: Annotated[str | None, typer.Option(metavar="NAME", help="Of this store.")] = None,
    within: Annotated[str | None, typer.Option(metavar="DURATION", help="Of late: 7d.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List who did what, the newest first; also what was refused.

    Examples:
      oms trail --order A-1001
      oms trail --who jana@shop.example --within 7d
    """
    from oms.lookup.deeds import subjects_of  # noqa: PLC0415 - loads all that a shop needs; help needs none of it

    age = _duration(within) if within else None
    with shop_of(context) as shop:
        since = shop.store.now() - age if age else None
        subjects = subjects_of(shop, order, store=store) if order else None
        lines = shop.views.deeds(actor=who, what=what, subjects=subjects, store=store, since=since, limit=limit)
        zone = next(iter(shop.engine.profiles.values())).zone
    rows = [
        (
            when(line.at, zone),
            line.deed.actor,
            " ".join(part for part in (line.deed.what, line.deed.subject, line.deed.said) if part),
            "" if line.deed.outcome == "done" else line.deed.outcome,
            line.deed.address,
        )
        for line in lines
    ]
    found = table(("=When", "Who", "What", "", "From"), rows) if rows else "Nothing of that kind was done."
    show([{"at": line.at, **asdict(line.deed)} for line in lines], found, as_json=as_json)


def _duration(words: str) -> timedelta:
    try:
        return parse_duration(words)
    except ValueError as error:
        raise typer.BadParameter(f"{error}", param_hint="--within") from error

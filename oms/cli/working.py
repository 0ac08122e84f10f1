"""`oms work`, `hold` and `release`: let what is due happen, or keep it from happening."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from oms.cli.desk import Reason, actor, folder_of, shop_of
from oms.cli.screen import AsJson, coming, counted, show
from oms.engine.care import hold as hold_subject
from oms.engine.care import release as release_subject
from oms.errors import InvalidProcess, StoreUnavailable
from oms.logs import set_up
from oms.outbox import ALL_QUEUES

if TYPE_CHECKING:
    from oms.bootstrap import Shop
    from oms.store.health import Totals

Subject = Annotated[str, typer.Argument(metavar="SUBJECT", help="process:NAME, or mail for all mails.", show_default=False)]


def work(
    context: typer.Context,
    *,
    once: Annotated[bool, typer.Option("--once", help="Do all that is due now, then end.")] = False,
    processes: Annotated[int, typer.Option("--processes", metavar="N", min=1, max=64, help="So many workers, each a process of its own.")] = 1,
    queues: Annotated[
        str | None, typer.Option("--queues", metavar="Q,…", help=f"Only these jobs: {', '.join(ALL_QUEUES)}. Timers all the same.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let happen what is due: timers, automatic steps, PDFs, mails.

    It goes on until it is told to stop (SIGTERM, Ctrl-C): what has begun then
    has 20 seconds to come to its end.

    Any number of workers may share one database. Nothing is lost when one dies.

    Examples:
      oms work
      oms work --once
      oms work --processes 4
      oms work --queues pdf,mail
    """
    wanted = _queues(queues)
    if once and (processes > 1 or wanted):
        raise typer.BadParameter("--once does all that is due, in one process: leave --processes and --queues out.")
    if processes > 1:
        from oms.crew import run_crew  # noqa: PLC0415 - the other commands need none

        only = ("--queues", ",".join(wanted)) if wanted else ()
        raise typer.Exit(run_crew(["--shop", str(folder_of(context)), "work", *only], count=processes))
    from oms.bootstrap.tracing import traced  # noqa: PLC0415 - loads all that a shop needs; help needs none of it

    with shop_of(context) as shop, traced(shop.settings):
        refuse_to_start(shop, thorough=not once)
        if not once:
            set_up(shop.settings.log.format, level=logging.INFO)
            from oms.worker import run  # noqa: PLC0415 - the other commands do without a scheduler

            run(shop, queues=wanted)
            return
        before, _ = _stock(shop)
        done = shop.work()
        after, due_at = _stock(shop)
        more = {name: number - asdict(before)[name] for name, number in asdict(after).items()}
        zone = next(iter(shop.engine.profiles.values())).zone
        then = f"Next is due {coming(due_at, zone, now=shop.store.now())}." if due_at else "Nothing is due later."
        show({"done": done, **more, "next_due_at": due_at}, _told(done, more), then, *_attention(after), as_json=as_json)


def hold(context: typer.Context, subject: Subject, *, reason: Reason, as_json: AsJson = False) -> None:
    """Hold all orders of a process, or all mails.

    Nothing happens by itself until they are released; people and payments
    go on. To hold one order: oms order hold.

    Examples:
      oms hold process:prepayment --reason "the warehouse moves"
      oms hold mail --reason "new mail server"
    """
    with shop_of(context) as shop:
        hold_subject(shop.engine, subject, reason=reason, actor=actor())
    show({"subject": subject, "held": reason}, f"{subject} is held. To go on: oms release {subject}", as_json=as_json)


def release(context: typer.Context, subject: Subject, *, as_json: AsJson = False) -> None:
    """Release a process or the mails.

    What waited happens now.

    Example:
      oms release mail
    """
    with shop_of(context) as shop:
        released = release_subject(shop.engine, subject)
    show({"subject": subject, "released": released}, f"{subject} {'is released' if released else 'was not held'}.", as_json=as_json)


def _queues(words: str | None) -> tuple[str, ...] | None:
    """What stands between the commas; None: all."""
    if words is None:
        return None
    named = tuple(dict.fromkeys(word.strip() for word in words.split(",")))
    if unknown := [name for name in named if name not in ALL_QUEUES]:
        raise typer.BadParameter(f"there is no queue {unknown[0][:40]!r}. There are: {', '.join(ALL_QUEUES)}.", param_hint="--queues")
    return named


def refuse_to_start(shop: Shop, *, thorough: bool) -> None:
    """A worker begins only on a whole database, and when it can run what new orders take (rule 46)."""
    from oms.store.health import faults  # noqa: PLC0415 - SQL takes longest to load, and help needs none

    found = faults(shop.store, thorough=thorough)
    if found:
        raise StoreUnavailable(" ".join(found))
    with shop.store.reading() as work_:
        deployed = {f"{version.name} version {version.number}" for version in work_.versions.all_deployed()}
    blocked = [problem for problem in shop.blocked() if problem.where in deployed]
    if blocked:
        raise InvalidProcess(blocked)


def _stock(shop: Shop) -> tuple[Totals, datetime | None]:
    """How much there is, and when something is due next."""
    from oms.store.health import next_due, totals  # noqa: PLC0415 - the same

    with shop.store.connection() as connection:
        return totals(connection), next_due(connection)


def _told(done: int, more: dict[str, int]) -> str:
    if not done:
        return "Nothing was due."
    parts = (("hops", "hop"), ("invoices", "invoice"), ("pdfs", "PDF"), ("mails", "mail"))
    made = ", ".join(counted(more[name], word) for name, word in parts if more[name])
    return f"Done: {made or 'nothing came of what was due'}."


def _attention(after: Totals) -> list[str]:
    if not after.incidents:
        return []
    return [f"{counted(after.incidents, 'thing needs', 'things need')} attention: oms incident list"]

"""`oms webhook …`: whom the shop tells what happens, and what they answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from oms.cli.desk import actor, shop_of
from oms.cli.screen import AsJson, counted, section, show, table, when
from oms.engine.calling import call_now
from oms.engine.endpoints import Again, add_endpoint, enable_endpoint, endpoint_of, remove_endpoint, resend, rotate_secret
from oms.engine.endpoints import ping as promise_ping
from oms.ports.endpoints import Delivery, Endpoint
from oms.process.durations import format_duration, parse_duration

app = typer.Typer(no_args_is_help=True, help="Tell the shop's systems what happens.")

ID = Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1, help="As oms webhook list has it.", show_default=False)]


@app.command("add")
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="https://…", show_default=False)],
    *,
    of: Annotated[list[str] | None, typer.Option("--of", metavar="TYPE", help="Of what; repeatable.", show_default="everything")] = None,
    store: Annotated[str | None, typer.Option(metavar="NAME", help="Whose orders.", show_default="the first")] = None,
    as_json: AsJson = False,
) -> None:
    r"""Tell an address what happens from now on.

    Its secret, with which it knows that it is you, is shown this once.

    Example:
      oms webhook add https://erp.shop.example/oms \
        --of order.moved --of invoice.issued
    """
    with shop_of(context) as shop:
        found = add_endpoint(shop.engine, url, store=store or shop.settings.default_store, types=of or (), actor=actor())
    told = f"Endpoint {found.id} is told of {', '.join(found.types)} in {found.store}. Its secret, shown this once:"
    show(_endpoint(found) | {"secret": found.secret}, told, found.secret, as_json=as_json)


@app.command("list")
def list_endpoints(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List who is told, and of what.

    Example:
      oms webhook list
    """
    with shop_of(context) as shop, shop.store.reading() as work:
        found = work.endpoints.all(None)
    rows = [(str(each.id), each.store, each.url, " ".join(each.types), _standing(each)) for each in found]
    told = table((">ID", "=Store", "URL", "Is told of", "=Stands"), rows) if rows else "Nobody is told."
    show([_endpoint(each) for each in found], told, as_json=as_json)


@app.command("show")
def show_endpoint(
    context: typer.Context,
    endpoint: ID,
    *,
    failed: Annotated[bool, typer.Option("--failed", help="Only what was not delivered and is not tried any more.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what an endpoint was told, the newest first, and what it said.

    Example:
      oms webhook show 1 --failed
    """
    with shop_of(context) as shop:
        with shop.store.reading() as work:
            found = endpoint_of(work, endpoint, store=None)
            calls = work.endpoints.deliveries(found.id, status="failed" if failed else None, after=None, limit=limit)
        zone = shop.engine.profile(found.store).zone
    head = f"Endpoint {found.id}, {found.url}, is told of {', '.join(found.types)} in {found.store}: {_standing(found)}"
    why = [found.disabled_why] if found.disabled_why else []
    rows = [(each.notice, each.type, when(each.created_at, zone), each.status, str(each.attempts), _said(each)) for each in calls]
    listed = section("Told", table(("Message", "=Of", "=When", "=Status", ">Tries", "Answer"), rows)) if rows else ()
    show(_endpoint(found) | {"deliveries": [_call(each) for each in calls]}, head, *why, *listed, as_json=as_json)


@app.command("rotate")
def rotate(
    context: typer.Context,
    endpoint: ID,
    *,
    overlap: Annotated[str, typer.Option(metavar="TIME", help="So long the old one signs as well; at most 7d. 0: not at all.")] = "24h",
    as_json: AsJson = False,
) -> None:
    """Give an endpoint a new secret, shown this once.

    Until the overlap is over every message has two signatures: give the
    receiver the new secret meanwhile.

    Examples:
      oms webhook rotate 1
      oms webhook rotate 1 --overlap 0
    """
    wanted = timedelta() if overlap == "0" else _duration(overlap, "--overlap")
    with shop_of(context) as shop:
        found = rotate_secret(shop.engine, endpoint, store=None, overlap=wanted)
    both = f"; the old one signs as well for {format_duration(wanted)}" if wanted else "; the old one counts no longer"
    show(_endpoint(found) | {"secret": found.secret}, f"The new secret of endpoint {endpoint}, shown this once{both}:", found.secret, as_json=as_json)


@app.command("enable")
def enable(context: typer.Context, endpoint: ID, *, as_json: AsJson = False) -> None:
    """Tell an endpoint that was disabled again what happens from now on.

    What it missed: oms webhook resend.

    Example:
      oms webhook enable 1
    """
    with shop_of(context) as shop:
        found = enable_endpoint(shop.engine, endpoint, store=None, actor=actor())
    show(_endpoint(found), f"Endpoint {endpoint} is told again what happens from now on.", as_json=as_json)


@app.command("remove")
def remove(context: typer.Context, endpoint: ID, *, as_json: AsJson = False) -> None:
    """Tell an endpoint nothing any more, for good.

    Example:
      oms webhook remove 1
    """
    with shop_of(context) as shop:
        remove_endpoint(shop.engine, endpoint, store=None, actor=actor())
    show({"id": endpoint, "removed": True}, f"Endpoint {endpoint} is told nothing any more.", as_json=as_json)


@app.command("ping")
def ping(context: typer.Context, endpoint: ID, *, as_json: AsJson = False) -> None:
    """Call an endpoint now, to see whether it listens.

    Example:
      oms webhook ping 1
    """
    with shop_of(context) as shop:
        call = call_now(shop.engine, promise_ping(shop.engine, endpoint, store=None))
    told = f"Endpoint {endpoint} has heard it: {call.code}." if call.status == "delivered" else f"Endpoint {endpoint} has not heard it: {_said(call)}"
    show(_call(call), told, as_json=as_json)
    if call.status != "delivered":
        raise typer.Exit(1)


@app.command("resend")
def tell_again(
    context: typer.Context,
    endpoint: ID,
    message: Annotated[str | None, typer.Argument(metavar="MESSAGE", help="This one, also if it was delivered.", show_default=False)] = None,
    *,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="All that was not delivered since then: 2026-11-25T09:00Z, or 2d ago.")] = None,
    delivered: Annotated[bool, typer.Option("--delivered", help="With --since: what was delivered as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell an endpoint again what it missed, under the same ids.

    A worker does it: oms work.

    Examples:
      oms webhook resend 1 --since 2d
      oms webhook resend 1 msg_5f0c3b2a
    """
    if (message is None) == (since is None):
        raise typer.BadParameter("say which: a MESSAGE, or --since TIME.", param_hint="MESSAGE")
    with shop_of(context) as shop:
        wanted = Again(message, _moment(since, shop.store.now()) if since else None, delivered)
        number = resend(shop.engine, endpoint, wanted, store=None, actor=actor())
    show({"id": endpoint, "resent": number}, f"Endpoint {endpoint} is told again of {counted(number, 'message')}.", as_json=as_json)


def _moment(text: str, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now - _duration(text, "--since")
    if at.tzinfo is None:
        raise typer.BadParameter("write the time with its zone, as in 2026-11-25T09:00Z.", param_hint="--since")
    return at


def _duration(text: str, option: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}", param_hint=option) from error


def _standing(endpoint: Endpoint) -> str:
    return "disabled" if endpoint.disabled_at else "failing" if endpoint.failing_since else "well"


def _said(call: Delivery) -> str:
    """What came of the last try, in a line."""
    answered = [f"answered {call.code}"] if call.code is not None else []
    return ": ".join([*answered, *([call.said] if call.said else [])]) or ("not tried yet" if not call.attempts else "nothing was said yet")


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    names = ("id", "store", "url", "types", "created_at", "created_by", "failing_since", "disabled_at", "disabled_why")
    return {name: getattr(endpoint, name) for name in names} | {"old_secret_until": endpoint.old_until}


def _call(call: Delivery) -> dict[str, Any]:
    names = ("id", "type", "status", "attempts", "created_at", "tried_at", "next_at", "code", "said")
    return {"message": call.notice} | {name: getattr(call, name) for name in names}

"""`oms invoice link`, `fetch`: links that open one document for a while."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oms.cli.desk import Number, OfStore, actor, shop_of
from oms.cli.files import written
from oms.cli.screen import AsJson, show
from oms.engine.linking import opened, revoke, token_of
from oms.links import address

if TYPE_CHECKING:
    from oms.bootstrap import Shop


def make_link(
    context: typer.Context,
    number: Number,
    *,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it counts.")] = 30,
    revoked: Annotated[bool, typer.Option("--revoke", help="Let no link count that was given away before.")] = False,
    store: OfStore = None,
    as_json: AsJson = False,
) -> None:
    """Make a link that opens a document, without a login.

    Whoever has it may read the document until its time is over, or until all
    its links are revoked. Before it stands link_base of the store.

    Examples:
      oms invoice link RE-2026-00001 --days 14
      oms invoice link RE-2026-00001 --revoke
    """
    with shop_of(context) as shop:
        with shop.store.reading() as work:
            document = work.documents.numbered(number, store=store)
        if revoked:
            revoke(shop.engine, document, actor=actor())
            show({"number": number, "revoked": True}, f"No link to {number} counts any more that was given away before.", as_json=as_json)
            return
        profile = shop.engine.profile(document.store)
        with shop.store.reading() as work:
            token = token_of(work, document, key=shop.link_key(), zone=profile.zone, days=days)
    link = address(profile.link_base, token) if profile.link_base else token
    show({"number": number, "token": token, "link": link, "days": days}, link, as_json=as_json)


def fetch(
    context: typer.Context,
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="The signed part of a link.", show_default=False)],
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help="Where to; nothing said: stdout.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the document that a link opens, as its receiver gets it.

    Example:
      oms invoice fetch TOKEN -o invoice.pdf
    """
    with shop_of(context) as shop:
        document, content = _opened(shop, token)
    if output is None:
        sys.stdout.buffer.write(content)
        return
    with written(output) as file:
        file.write(content)
    show({"number": document, "path": output, "size": len(content)}, f"{output}: {document}, {len(content):,} bytes", as_json=as_json)


def _opened(shop: Shop, token: str) -> tuple[str, bytes]:
    document, content = opened(shop.engine, token, key=shop.link_key())
    return document.number, content

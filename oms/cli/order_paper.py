"""`oms order paper`: the papers of an order beside its invoices, such as a delivery note."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oms.cli.desk import Reference, Store, shop_of
from oms.cli.pdfs import Output, hand_out, made
from oms.cli.screen import AsJson
from oms.errors import NotFound
from oms.lookup.order import OrderPage, PaperLine, order_page


def write_paper(
    context: typer.Context,
    reference: Reference,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="As `oms order show` has it; nothing said: the newest.")] = None,
    *,
    output: Output = None,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Write the PDF of another paper: a delivery note, say.

    The stored bytes, each time the same. What isn't made yet is made now.

    Examples:
      oms order paper A-1001
      oms order paper A-1001 delivery_note.2 -o note.pdf
    """
    with shop_of(context) as shop:
        line = _chosen(order_page(shop, reference, store=store), name)
        paper = line.paper
        file = made(
            shop,
            lambda work: work.papers.file(paper.id, "pdf"),
            order=paper.order,
            job="render_paper",
            arguments={"paper": paper.id},
            what=f"{reference}, {line.name}",
        )
        target = output or Path(f"{reference.replace('/', '-')}-{line.name}.pdf")
        hand_out(shop, file, target, {"order": reference, "paper": line.name}, as_json=as_json)


def _chosen(page: OrderPage, name: str | None) -> PaperLine:
    order = page.view.head.reference
    if not page.papers:
        raise NotFound(f"The order {order} has no papers beside its invoices: a process makes them, with the command document.")
    found = [line for line in page.papers if name in (None, line.name)]
    if not found:
        raise NotFound(f'The order {order} has no paper "{(name or "")[:80]}". It has: {", ".join(line.name for line in page.papers)}.')
    return found[-1]

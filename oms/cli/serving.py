"""`oms serve`: the HTTP interface."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from oms.cli.desk import shop_of
from oms.cli.working import refuse_to_start
from oms.logs import set_up

log = logging.getLogger(__name__)


def serve(
    context: typer.Context,
    *,
    host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Of this machine; else as server.host says.", show_default=False)] = None,
    port: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=65535, help="0: any that is free; else as server.port says.", show_default=False)
    ] = None,
    works: Annotated[bool, typer.Option("--work/--no-work", help="Be a worker, too.")] = True,
) -> None:
    """Serve the API, and let happen what is due.

    It goes on until it is told to stop (SIGTERM, Ctrl-C): what has begun then
    has 20 seconds to come to its end. Keys: oms key create.

    Examples:
      oms serve
      oms serve --port 8080 --no-work
    """
    from oms.bootstrap.tracing import traced  # noqa: PLC0415 - the same
    from oms.settings import warnings_about  # noqa: PLC0415 - reads the settings' library, and help needs none

    with shop_of(context) as shop, traced(shop.settings):
        refuse_to_start(shop, thorough=True)
        set_up(shop.settings.log.format, level=logging.INFO)
        for problem in warnings_about(shop.settings):
            log.warning("%s", problem)
        from oms.server import serve as run  # noqa: PLC0415 - the other commands do without a web server

        said = shop.settings.server
        run(shop, host=host or said.host, port=said.port if port is None else port, works=works)

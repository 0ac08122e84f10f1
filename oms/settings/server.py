"""How `oms serve` is reached and by whom, and what it and the workers log."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from oms.settings.section import Section
from oms.settings.texts import Line, Number, Url, list_of


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise ValueError(f"{text!r:.80} is no address and no network: write it as in 127.0.0.1, 10.0.0.0/8 or fd00::/8.") from error


Networks = Annotated[tuple[Annotated[Line, AfterValidator(_network)], ...], BeforeValidator(list_of)]


class Log(Section):
    """How `oms serve` and `oms work` write what happens, to standard error."""

    format: Literal["auto", "json", "text"] = "auto"  #: `auto`: text in a terminal, else JSON, a line for each event


class Server(Section):
    """Where `oms serve` answers, and whom it believes."""

    host: Line = "127.0.0.1"  #: an address of this machine; `0.0.0.0`: all of them
    port: Annotated[Number, Field(ge=0, le=65535)] = 8000  #: 0: any that is free; the log says which
    address: Url | None = None  #: how others reach it, as in `https://oms.shop.example`
    proxies: Networks = ()  #: whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; nobody else's are
    metrics_for: Networks = ()  #: who reads `/metrics` without a key, if asked directly and not through a proxy

"""How `oms serve` is reached and by whom, how much workers do at once, what both log, and whom they tell of their work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from oms.settings.section import Section
from oms.settings.texts import Line, Number, Seconds, Url, list_of


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


class Worker(Section):
    """How much is done at once."""

    slots: Annotated[Number, Field(ge=1, le=64)] = 2
    pdf_children: Annotated[Number, Field(ge=1, le=64)] = 1
    poll_seconds: Annotated[Seconds, Field(ge=0.05, le=3600)] = 1
    delivery: Literal["local", "procrastinate"] | None = None  #: who brings jobs to workers; none: Procrastinate, where there is a server


class Telemetry(Section):
    """To whom `oms serve` and `oms work` tell traces: a collector that takes OTLP over HTTP. Needs the extra `telemetry`."""

    endpoint: Url | None = None  #: as in `http://127.0.0.1:4318`; `/v1/traces` is added. None at all: nothing is traced
    service: Line = "oms"  #: the traces' `service.name`
    headers: SecretStr | None = None  #: `name=value`, a line or comma between two; from the environment or `headers_file`, never from oms.toml
    headers_file: Path | None = None

    @property
    def header_lines(self) -> tuple[str, ...]:
        """Each `name=value`, as it was written."""
        said = self.headers.get_secret_value() if self.headers else ""
        return tuple(line.strip() for line in re.split(r"[,\n]", said) if line.strip())

    @property
    def header_fields(self) -> Mapping[str, str]:
        """What goes along with everything that is told."""
        return {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in self.header_lines)}

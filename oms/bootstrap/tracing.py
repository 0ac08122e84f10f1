"""Who is told of the work of this process: a collector, if the settings name one. Else nothing is loaded and nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from oms.errors import InvalidSettings, Problem
from oms.settings import Settings
from oms.tracing import recording

if TYPE_CHECKING:
    from oms.telemetry import Traces


@contextmanager
def traced(settings: Settings) -> Iterator[None]:
    """Inside, spans are told to the collector; what has ended is handed over at the end.

    Raises:
        InvalidSettings: there is one, and the extra `telemetry` isn't installed.
    """
    traces = traces_of(settings)
    if traces is None:
        yield
        return
    with closing(traces), recording(traces):
        yield


def traces_of(settings: Settings) -> Traces | None:
    """The way to the collector; None: there is none.

    Raises:
        InvalidSettings: the extra `telemetry` isn't installed.
    """
    told = settings.telemetry
    if told.endpoint is None:
        return None
    try:
        from oms.telemetry import Traces  # noqa: PLC0415 - needs the extra, and takes time to load
    except ModuleNotFoundError as error:
        sentence = 'Traces need packages that are not installed: pip install "ordermill[telemetry]", or leave the endpoint out.'
        raise InvalidSettings([Problem("config/oms.toml: telemetry.endpoint", sentence)]) from error
    return Traces(told.endpoint, service=told.service, headers=told.header_fields)

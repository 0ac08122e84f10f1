"""`/metrics`: figures for a monitor, in Prometheus's format. No label names an order, a person or an address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from oms import __version__
from oms.api.documented import OPEN, failing
from oms.api.entry import Asks, ShopHere, caller_here
from oms.lookup.figures import Figures, figures
from oms.rights import Caller
from oms.tally import BUCKET, BUCKETS, SUM, Key, Tally

router = APIRouter(tags=["health"])

COUNTERS: Mapping[str, str] = {
    "transitions": "Items, by what became of them in a trigger. All processes together, since there is this database.",
    "mails": "Recipients to whom a mail was offered, by what the server said. All processes together.",
    "http_requests": "Requests answered. This process alone, since its start.",
}
TIMES: Mapping[str, str] = {
    "job_seconds": "Tries of jobs. All processes together.",
    "http_request_seconds": "Until a request was answered. This process alone.",
}
"""Names as they are counted (with `oms_` before them here) to what they say."""
Labels = TypeVar("Labels", bound=tuple[str, ...])
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


class AsksUnlessNear(Asks):
    """Lets in besides whom `server.metrics_for` names; not through a proxy, for then anybody may be behind it."""

    def __call__(self, request: Request, shop: ShopHere) -> Caller | None:  # type: ignore[override]  # it asks who it is only if need be
        """Raises NotAdmitted or NotAllowed."""
        networks = shop.settings.server.metrics_for
        if networks and _is_in(networks, request):
            return None
        return super().__call__(request, caller_here(request, shop))


def _is_in(networks: tuple[str, ...], request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        here = ip_address(request.client.host)
    except ValueError:
        return False
    return any(here in ip_network(network) for network in networks)


@router.get(
    "/metrics",
    operation_id="showMetrics",
    response_class=Response,
    responses=failing(401, 403, always=OPEN)
    | {200: {"description": "Prometheus's text format.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request, shop: ShopHere, _caller: Annotated[Caller | None, Depends(AsksUnlessNear("operations.read"))]) -> Response:
    """Figures of the whole shop, all stores together."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(figures(shop), request.app.state.visits))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Told(Collector):
    """The figures as the library wants them."""

    def __init__(self, found: Figures, visits: Tally) -> None:
        self._found, self._visits = found, visits

    def collect(self) -> Iterator[Metric]:
        """One metric after the other."""
        found = self._found
        yield _gauge("build_info", "What runs here.", ("version",), {(__version__,): 1})
        yield _gauge("database_up", "1: the database answers. Else nothing of it is told.", (), {(): found.answers})
        if found.answers:
            yield from _of_database(found)
        counted = {**found.sums, **self._visits.counts()}
        yield from (_counter(name, counted) for name in COUNTERS)
        yield from (_times(name, counted) for name in TIMES)


def _of_database(found: Figures) -> Iterator[Metric]:
    yield _gauge("workers", "Workers that were seen within a minute.", (), {(): found.workers})
    overdue = {(what,): seconds for what, seconds in found.overdue.items()}
    yield _gauge("overdue_seconds", "How late the longest overdue timer, look, job or message is. What is held is not late.", ("what",), overdue)
    yield _gauge("inbox_oldest_seconds", "Age of the oldest message of a provider that still waits.", (), {(): found.oldest_message})
    at = found.counted_at.timestamp() if found.counted_at else 0
    yield _gauge("counted_timestamp_seconds", "When a worker counted items, jobs and incidents; 0: never.", (), {(): at})
    items = {(process, state): (number, age) for process, state, number, age in found.items}
    yield _gauge("items", "Items in a state that is not final.", ("process", "state"), {key: number for key, (number, _) in items.items()})
    yield _gauge(
        "item_oldest_seconds", "Since when the oldest item is in the state.", ("process", "state"), {key: age for key, (_, age) in items.items()}
    )
    jobs = {(name, status): number for name, status, number in found.jobs}
    yield _gauge("jobs", "Jobs to be done: todo, running, landing.", ("job", "status"), jobs)
    yield _gauge("incidents", "Incidents that are open.", ("kind",), {(kind,): number for kind, number in found.incidents})


def _gauge(name: str, says: str, labels: tuple[str, ...], values: Mapping[Labels, float]) -> Metric:
    family = GaugeMetricFamily(f"oms_{name}", says, labels=labels)
    for key, value in values.items():
        family.add_metric(key, float(value))
    return family


def _labelled(name: str, counted: Mapping[Key, float]) -> dict[tuple[tuple[str, str], ...], float]:
    return {labels: value for (counted_name, labels), value in counted.items() if counted_name == name}


def _counter(name: str, counted: Mapping[Key, float]) -> Metric:
    found = _labelled(name, counted)
    family = CounterMetricFamily(f"oms_{name}", COUNTERS[name], labels=[label for label, _ in next(iter(found), ())])
    for labels, value in sorted(found.items()):
        family.add_metric([text for _, text in labels], value)
    return family


def _times(name: str, counted: Mapping[Key, float]) -> Metric:
    """Buckets are kept apart; Prometheus wants each with all that are below it."""
    buckets: dict[tuple[tuple[str, str], ...], dict[str, float]] = defaultdict(dict)
    for labels, number in _labelled(name + BUCKET, counted).items():
        buckets[tuple(each for each in labels if each[0] != "le")][dict(labels)["le"]] = number
    seconds = _labelled(name + SUM, counted)
    family = HistogramMetricFamily(f"oms_{name}", TIMES[name], labels=[label for label, _ in next(iter(buckets), ())])
    for labels, found in sorted(buckets.items()):
        so_far = 0.0
        told = [(end, so_far := so_far + found.get(end, 0)) for end in (*map(str, BUCKETS), "+Inf")]
        family.add_metric([text for _, text in labels], told, seconds.get(labels, 0.0))
    return family

"""Whatever order is accepted can be printed: the limits of a document grow with it (rule 37)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest

from oms.bootstrap import Shop
from oms.documents.pdf import Limits, PdfChild
from oms.orders.raw import TEXT_LIMIT
from tests.builders import an_order, open_test_shop
from tests.specimens import paid, snapshot_of

WHEN = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
TEMPLATES = Path(__file__).parents[3] / "templates"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_test_shop(tmp_path) as opened:
        yield opened


def a_snapshot(**more: str) -> dict[str, Any]:
    return snapshot_of(paid()) | more


def test_a_small_document_may_use_little_and_a_large_one_more_up_to_a_bound() -> None:
    small, large, absurd = (Limits().grown(size) for size in (1_024, 400 * 1024, 10**9))
    assert (small.cpu_seconds, small.wall_seconds, small.memory_mb) == (20, 61, 513)
    assert (large.cpu_seconds, large.wall_seconds, large.memory_mb) == (180, 540, 912)
    assert (absurd.cpu_seconds, absurd.wall_seconds, absurd.memory_mb) == (420, 1260, 1512)


def test_a_child_that_printed_a_large_document_is_replaced_for_the_next_one_may_use_less() -> None:
    child = PdfChild([TEMPLATES])
    alive = []
    for snapshot in (a_snapshot(), a_snapshot(more="x" * 100_000), a_snapshot()):
        child.invoice(snapshot, store="main", identifier="x", created_at=WHEN)
        alive.append(child._process is not None)
    child.close()
    assert alive == [True, False, True]


def _fill(document: dict[str, Any], item: dict[str, Any], *, lines: int) -> dict[str, Any]:
    """So many lines, with names as long as an order of so many may have."""
    room = TEXT_LIMIT - sum(len(str(value)) + len(key) for key, value in item.items()) * lines - 1_000
    length = min(room // lines, 200)
    names = [f"{number} {'with a name that is somewhat longer ' * 6}"[:length].strip() for number in range(lines)]
    return document | {"items": [item | {"name": name} for name in names]}


@pytest.mark.slow
@pytest.mark.parametrize("lines", [1_000, 2_000])
def test_the_largest_orders_that_are_accepted_are_billed_printed_and_mailed(shop: Shop, caplog: pytest.LogCaptureFixture, lines: int) -> None:
    item = {"sku": "CUP-4", "name": "", "quantity": 1, "unit_price": "1.00", "tax_rate": "19"}
    shop.place(_fill(an_order(), item, lines=lines))
    shop.trigger("A-1001", "pay", payload={"amount": f"{lines}.00", "reference": "tx"})
    with caplog.at_level(logging.WARNING):
        shop.work()

    view = shop.views.order("A-1001")
    assert [(job.name, job.error) for job in view.jobs if job.error] == []
    ((_, file),) = view.invoices
    assert file is not None
    pages = pypdf.PdfReader(BytesIO(shop.archive.get(file.key))).pages
    assert f"{lines - 1} with a name" in "".join(page.extract_text() for page in pages[-3:])
    assert caplog.messages == []


@pytest.mark.slow
def test_a_line_with_as_many_options_as_it_may_have_is_printed(shop: Shop) -> None:
    options = [{"name": f"{number} {'x' * 190}", "price": "0.00"} for number in range(50)]
    items = [{"sku": "CUP-4", "name": "Cup", "quantity": 1, "unit_price": "1.00", "tax_rate": "19", "options": options}] * 20
    shop.place(an_order(items=items))
    shop.trigger("A-1001", "pay", payload={"amount": "20.00", "reference": "tx"})
    shop.work()

    view = shop.views.order("A-1001")
    assert [(job.name, job.error) for job in view.jobs if job.error] == []

"""Numbers have no gaps and dates never go back: rule 10."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from oms.errors import CommandFailed
from tests.unit.engine.scene import Scene

DESK = """
initial: open
states: {open: {}, invoiced: {on_enter: [issue_invoice, {do: {what: stamp}}], final: true}}
events: {bill: {manual: true}}
transitions: [{from: open, event: bill, to: invoiced}]
"""


def _bill(scene: Scene, reference: str) -> None:
    scene.place(reference)
    scene.trigger("bill", reference=reference)


def _issued(scene: Scene) -> list[tuple[str, date]]:
    return [(number, date.fromisoformat(str(day))) for number, day in scene.rows("SELECT number, issued_on FROM invoice ORDER BY id")]


def test_numbers_count_up_without_gaps_also_when_a_hop_is_rolled_back(scene: Scene) -> None:  # rule 10
    scene.open(DESK)
    _bill(scene, "A-1")
    scene.place("A-2")
    scene.world.broken["stamp"] = RuntimeError("no ink")
    with pytest.raises(CommandFailed):
        scene.trigger("bill", reference="A-2")
    scene.world.broken.clear()
    scene.trigger("bill", reference="A-2")
    _bill(scene, "A-3")

    assert [number for number, _ in _issued(scene)] == ["RE-2026-00001", "RE-2026-00002", "RE-2026-00003"]


def test_a_new_year_in_the_stores_zone_begins_a_new_series(scene: Scene) -> None:  # rule 10
    scene.open(DESK)
    scene.clock.now = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)  # 23:59 in Berlin
    _bill(scene, "A-1")
    scene.clock.move(minutes=2)
    _bill(scene, "A-2")
    _bill(scene, "A-3")

    assert _issued(scene) == [
        ("RE-2026-00001", date(2026, 12, 31)),
        ("RE-2027-00001", date(2027, 1, 1)),
        ("RE-2027-00002", date(2027, 1, 1)),
    ]


def test_a_clock_that_goes_back_never_dates_an_invoice_before_the_last_one(scene: Scene) -> None:  # rule 10
    scene.open(DESK)
    _bill(scene, "A-1")
    scene.clock.move(days=-3)
    _bill(scene, "A-2")
    scene.clock.move(days=5)
    _bill(scene, "A-3")

    assert _issued(scene) == [
        ("RE-2026-00001", date(2026, 11, 25)),
        ("RE-2026-00002", date(2026, 11, 25)),
        ("RE-2026-00003", date(2026, 11, 27)),
    ]


def test_a_clock_that_goes_back_over_new_year_draws_from_the_series_of_the_date_that_is_printed(
    scene: Scene,
) -> None:  # rule 10: the key's year is issued_on's
    scene.open(DESK)
    scene.clock.now = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
    _bill(scene, "A-1")
    scene.clock.now = datetime(2027, 1, 1, 12, 0, tzinfo=UTC)
    _bill(scene, "A-2")
    scene.clock.now = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    scene.clock.move(hours=-1)
    _bill(scene, "A-3")

    numbers = _issued(scene)
    assert numbers[2] == ("RE-2026-00002", date(2026, 12, 31))


def test_each_store_counts_for_itself(scene: Scene) -> None:  # rule 10
    scene.open(DESK)
    oms, seller = scene.folder / "config" / "oms.toml", scene.folder / "config" / "seller.toml"
    text = oms.read_text(encoding="utf-8")
    main = text[text.index("[stores.main]") : text.index("[einvoice]")]
    oms.write_text(text + main.replace("[stores.main]", "[stores.second]").replace("RE-", "ZW-").replace("RK-", "ZK-"), encoding="utf-8")
    text = seller.read_text(encoding="utf-8")
    seller.write_text(text + text[text.index("[main]") :].replace("[main]", "[second]"), encoding="utf-8")
    scene.reopen()

    _bill(scene, "A-1")
    scene.place("B-1", store="second")
    scene.trigger("bill", reference="B-1")
    _bill(scene, "A-2")

    assert [number for number, _ in _issued(scene)] == ["RE-2026-00001", "ZW-2026-00001", "RE-2026-00002"]

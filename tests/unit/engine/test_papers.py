"""Papers beside the invoice: the command `document` freezes what they say, a job makes them once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oms.engine.care import correct, retry_order
from oms.engine.jobs import run_job
from oms.errors import CommandFailed, Permanent, RenderFailed
from oms.ports.records import Paper
from tests.builders import an_order
from tests.unit.engine.scene import REFERENCE, Scene

RAMP = """
initial: packed
states:
  packed: {}
  gone: {}
  back: {final: true}
events:
  ship: {manual: true, command: {document: {template: delivery_note}}}
  take back: {manual: true}
transitions:
  - {from: packed, event: ship, to: gone}
  - {from: gone, event: take back, to: back}
"""


class Press:
    """A printer that keeps what it is asked for."""

    def __init__(self) -> None:
        self.printed: list[tuple[str, str, Mapping[str, object]]] = []
        self.broken: Exception | None = None

    def paper(self, template: str, *, snapshot: Mapping[str, object], store: str, identifier: str, created_at: datetime) -> bytes:
        assert created_at.tzinfo is not None
        if self.broken is not None:
            raise self.broken
        self.printed.append((template, store, snapshot))
        return f"%PDF-1.7 {identifier}".encode()

    def material(self) -> None:
        """It can't be told."""


def _papers(scene: Scene) -> list[Paper]:
    return [paper for paper, _ in scene.order().papers]


def _snapshot(scene: Scene, paper: Paper) -> dict[str, Any]:
    with scene.shop.store.reading() as work:
        text = work.papers.snapshot(paper.id)
    assert hashlib.sha256(text.encode()).hexdigest() == paper.sha256
    return dict(json.loads(text))


@pytest.fixture
def ramp(scene: Scene) -> Scene:
    scene.open(RAMP)
    scene.place(locale="en")
    return scene


@pytest.fixture
def press(ramp: Scene) -> Press:
    press = Press()
    ramp.shop.engine.tools = replace(ramp.shop.engine.tools, printer=press)  # type: ignore[arg-type]
    return press


def test_a_paper_is_written_with_the_hop_and_nothing_is_printed_yet(ramp: Scene, press: Press) -> None:  # vocabulary: document
    ramp.trigger("ship", payload={"tracking": "T1"})

    (paper,) = _papers(ramp)
    assert (paper.order, paper.store, paper.template, paper.created_at) == (1, "main", "delivery_note", ramp.clock.now)
    row = ramp.order().triggers[-1]
    assert paper.cause == f"{row.id}:1"
    job = ramp.job("render_paper")
    assert (job.arguments, job.hop, press.printed) == ({"paper": paper.id}, paper.cause, [])


def test_it_says_what_is_so_at_that_moment_of_the_order_and_the_items_of_the_hop(ramp: Scene) -> None:
    ramp.trigger("ship", ("1", 1), "2", payload={"tracking": "T1"})
    correct(ramp.shop.engine, REFERENCE, {"customer": {"name": "Jana Kolar"}}, actor="petra", reason="married")

    said = _snapshot(ramp, _papers(ramp)[0])
    assert [(item["item"], item["sku"], item["name"], item["quantity"]) for item in said["items"]] == [
        ("1.1", "CUP-4", "Espresso cups", 1),
        ("2", "GRINDER", "Coffee grinder", 1),
    ]
    assert (said["schema"], said["locale"], said["made_on"], said["event"]) == (1, "en", "2026-11-25", {"tracking": "T1"})
    assert (said["order"]["reference"], said["customer"]["name"], said["seller"]["name"]) == ("A-1", "Jana Novak", "Kaffeehaus Muster GmbH")
    assert said["ship_to"] == said["buyer"]
    assert not any("minor" in name or "price" in name for item in said["items"] for name in item)


def test_it_goes_where_the_parcel_goes_and_knows_the_free_data(scene: Scene) -> None:
    scene.open(RAMP)
    scene.clock.now = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)  # a day later in the shop's zone
    item = {**an_order()["items"][0], "options": [{"name": "Gift wrap", "price": "2.00"}], "unit": "set", "data": {"engraving": "Jana"}}
    address = {"name": "Ana Horvat", "street": "Trg 1", "postcode": "10000", "city": "Zagreb", "country": "HR"}
    scene.place(items=[item], shipping_address=address, shipping={"name": "DHL", "price": "4.90"}, data={"gift": "Happy birthday!"})

    scene.trigger("ship")

    said = _snapshot(scene, _papers(scene)[0])
    assert (said["ship_to"]["name"], said["buyer"]["name"], said["made_on"]) == ("Ana Horvat", "Jana Novak", "2026-11-26")
    assert (said["order"]["data"], said["order"]["shipping"]) == ({"gift": "Happy birthday!"}, "DHL")
    assert (said["items"][0]["options"], said["items"][0]["unit"], said["items"][0]["data"]) == (["Gift wrap"], "set", {"engraving": "Jana"})


def test_each_shipment_has_its_own(ramp: Scene) -> None:
    ramp.trigger("ship", "1")
    ramp.trigger("ship", "2")

    first, second = _papers(ramp)
    told = [[(item["item"], item["line"]) for item in _snapshot(ramp, paper)["items"]] for paper in (first, second)]
    assert told == [[("1", 1)], [("2", 2)]]


def test_a_hop_that_fails_leaves_none(scene: Scene) -> None:
    scene.open(RAMP.replace("{document: {template: delivery_note}}", "[{document: {template: delivery_note}}, {do: {what: pack}}]"))
    scene.place()
    scene.world.broken["pack"] = Permanent("No paper left.")

    with pytest.raises(CommandFailed):
        scene.trigger("ship")

    assert (_papers(scene), [job for job in scene.order().jobs if job.name == "render_paper"]) == ([], [])


def test_what_a_hop_says_twice_of_the_same_items_is_one_paper(scene: Scene) -> None:
    scene.open(RAMP.replace("gone: {}", "gone: {on_enter: {document: {template: delivery_note}}}"))
    scene.place()

    scene.trigger("ship")

    assert len(_papers(scene)) == 1


TWO_WAYS = """
initial: packed
states: {packed: {}, picked: {}, gone: {final: true}}
events:
  pick: {manual: true}
  ship: {manual: true}
transitions:
  - {from: packed, event: pick, to: picked}
  - {from: packed, event: ship, to: gone, command: {document: {template: delivery_note}}}
  - {from: picked, event: ship, to: gone, command: [{document: {template: delivery_note}}, {note: {text: picked}}]}
"""


def test_what_it_says_of_other_items_is_another(scene: Scene) -> None:
    scene.open(TWO_WAYS)
    scene.place()
    scene.trigger("pick", "2")

    scene.trigger("ship")

    first, second = _papers(scene)
    assert second.cause == f"{first.cause}.2"
    assert [[item["item"] for item in _snapshot(scene, paper)["items"]] for paper in (first, second)] == [["1"], ["2"]]


# ---- The file ----


def test_a_job_makes_the_file_once_from_the_snapshot_alone(ramp: Scene, press: Press) -> None:
    ramp.trigger("ship")
    ramp.drain()
    job = ramp.job("render_paper")
    with ramp.shop.store.writing() as work:
        work.jobs.revive(job.id, at=ramp.clock.now)
    run_job(ramp.shop.engine, job.id, worker="w")

    ((paper, file),) = ramp.order().papers
    assert file is not None
    assert press.printed == [("delivery_note", "main", _snapshot(ramp, paper))]
    data = ramp.shop.archive.get(file.key)
    assert (data, hashlib.sha256(data).hexdigest()) == (f"%PDF-1.7 {paper.sha256}".encode(), file.sha256)


def test_a_paper_that_can_not_be_made_needs_attention_and_is_made_once_that_is_mended(ramp: Scene, press: Press) -> None:
    press.broken = RenderFailed("The document can't be made: papers/delivery_note.html:3: 'nickname' is undefined")
    ramp.trigger("ship")
    for _ in range(40):
        ramp.wait(hours=2)

    (incident,) = ramp.incidents()
    assert incident.kind == "job died"
    assert "'nickname' is undefined. Mend that, then: oms order retry A-1." in incident.text
    assert ramp.states() == ["gone", "gone"]  # the parcel goes on whatever becomes of its paper

    press.broken = None
    assert retry_order(ramp.shop.engine, REFERENCE, actor="petra").jobs == 1
    ramp.drain()
    assert ramp.order().papers[0][1] is not None
    assert ramp.incidents() == []

"""Processes over HTTP."""

from __future__ import annotations

import httpx2 as httpx

from oms.api.processes import EXAMPLE
from oms.bootstrap import Shop
from tests.builders import an_order

PROCESSES = "/api/v1/processes"


def check(client: httpx.Client, text: str | bytes) -> httpx.Response:
    return client.post(f"{PROCESSES}/check", content=text, headers={"Content-Type": "application/yaml"})


def test_what_new_orders_take_is_listed(shop: Shop, client: httpx.Client) -> None:
    shop.place(an_order())
    lines = {each["name"]: each for each in client.get(PROCESSES, params={"locale": "de"}).json()["processes"]}
    assert list(lines) == ["card", "invoice", "marketplace", "prepayment"]
    assert (lines["prepayment"]["number"], lines["prepayment"]["open_orders"], lines["prepayment"]["deployed"]) == (1, 1, True)


def test_a_process_says_what_may_follow_what(client: httpx.Client) -> None:
    told = client.get(f"{PROCESSES}/prepayment", params={"locale": "de"}).json()
    events = {each["name"]: each for each in told["events"]}
    assert (events["ship"]["title"], events["ship"]["manual"], events["ship"]["fields"][0]["title"]) == ("Versenden", True, "Sendungsnummer")
    assert {"from": "invoiced", "to": "shipped", "event": "ship", "conditions": [], "commands": [], "happy": True} in told["transitions"]
    assert told["initial"] in {each["name"] for each in told["states"]}
    assert "issue_invoice" in told["words"]


def test_versions_stay_when_another_is_deployed(shop: Shop, client: httpx.Client) -> None:
    path = shop.settings.processes.folder / "prepayment.yaml"
    path.write_text(path.read_text("utf-8").replace("An Zahlung erinnern", "Mahnen"), encoding="utf-8")
    shop.deploy()
    versions = client.get(f"{PROCESSES}/prepayment/versions").json()["versions"]
    assert [(each["number"], each["deployed"]) for each in versions] == [(2, True), (1, False)]
    titles = {each["name"]: each["title"] for each in client.get(f"{PROCESSES}/prepayment?locale=de").json()["events"]}
    before = {each["name"]: each["title"] for each in client.get(f"{PROCESSES}/prepayment?locale=de&version=1").json()["events"]}
    assert (titles["remind"], before["remind"]) == ("Mahnen", "An Zahlung erinnern")
    missing = client.get(f"{PROCESSES}/prepayment?version=3")
    assert (missing.status_code, missing.json()["detail"]) == (404, "The process prepayment has no version 3. It has: 1, 2.")
    assert client.get(f"{PROCESSES}/pre/versions").status_code == 404


def test_a_process_is_told_as_somebody_wrote_it(shop: Shop, client: httpx.Client) -> None:
    folder = shop.settings.processes.folder
    first = (folder / "marketplace.yaml").read_text("utf-8")
    (folder / "marketplace.yaml").write_text("# Mind the gap.\n" + first.replace("title: {en: Shipped", "title: {en: Sent"), encoding="utf-8")
    shop.deploy()
    told = client.get(f"{PROCESSES}/marketplace/source").json()
    assert (told["name"], told["number"]) == ("marketplace", 2)
    assert [each["name"] for each in told["files"]] == ["marketplace.yaml", "parts/payment.yaml", "parts/refund.yaml", "parts/returns.yaml"]
    assert told["files"][0]["text"].startswith("# Mind the gap.\n")
    assert told["files"][1]["text"] == (folder / "parts" / "payment.yaml").read_text("utf-8")
    assert client.get(f"{PROCESSES}/marketplace/source?version=1").json()["files"][0]["text"] == first
    assert client.get(f"{PROCESSES}/marketplace/source?version=3").status_code == 404


def test_a_diagram_is_mermaid_text(client: httpx.Client) -> None:
    diagram = client.get(f"{PROCESSES}/invoice/diagram")
    assert (diagram.text[:15], diagram.headers["Content-Type"]) == ("stateDiagram-v2", "text/plain; charset=utf-8")


def test_a_file_is_checked_before_it_is_deployed(shop: Shop, client: httpx.Client) -> None:
    assert check(client, EXAMPLE).json() == {"runs": True, "findings": []}
    prepayment = (shop.settings.processes.folder / "prepayment.yaml").read_text("utf-8")
    assert check(client, prepayment).json()["runs"]
    told = check(client, EXAMPLE.replace("to: done", "to: dome")).json()
    assert not told["runs"]
    assert (told["findings"][0]["code"], told["findings"][0]["file"], told["findings"][0]["line"]) == ("OMS010", "bare.yaml", 5)
    assert 'did you mean "done"?' in told["findings"][0]["hint"]


BAD = (b"", b"\xff\xfe", b"a: &a [*a]", b"process: ../../etc/passwd", b"!!python/object/apply:os.system ['x']", b"[" * 5_000, b"parts: [../x]")


def test_bad_files_are_findings_and_too_large_ones_are_not_read(client: httpx.Client) -> None:
    for text in BAD:
        told = check(client, text)
        assert (told.status_code, told.json()["runs"]) == (200, False)
    assert check(client, b"#" * (256 * 1024 + 1)).status_code == 413

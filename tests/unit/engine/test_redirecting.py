"""`mail.redirect_to` is set while mails are on their way: they go there, and nobody says that their customers have them (rule 36)."""

from __future__ import annotations

import json

import pytest

from oms.engine.deliveries import send, undelivered
from tests.unit.engine.scene import Scene

DESK = """
initial: open
states: {open: {}, billed: {on_enter: [issue_invoice, mail_invoice]}, done: {final: true}}
events: {bill: {manual: true}, close: {manual: true}}
transitions:
  - {from: open, event: bill, to: billed}
  - {from: billed, event: close, if: invoice_is_sent, to: done}
"""
SET, UNSET = 'redirect_to = "me@shop.example"', '# redirect_to = "me@shop.example"'
JANA, ARCHIVE, ME = "jana@example.com", "archive@kaffeehaus-muster.example", "me@shop.example"


def _configure(scene: Scene, old: str, new: str) -> None:
    config = scene.folder / "config" / "oms.toml"
    config.write_text(config.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    scene.reopen()


@pytest.fixture
def redirected(scene: Scene) -> Scene:
    """An invoice was promised to the customer; then the shop is tried."""
    scene.open(DESK)
    scene.place()
    scene.trigger("bill")
    _configure(scene, UNSET, SET)
    scene.drain()
    return scene


def _envelopes(scene: Scene) -> list[list[str]]:
    paths = sorted((scene.folder / "data" / "mail").glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8"))["recipients"] for path in paths]


def _send(scene: Scene) -> list[str]:
    documents = [paper for paper, _ in scene.order().invoices]
    return [f"{each.outcome}: {each.sentence}" for each in send(scene.shop.engine, documents, force=False, dry_run=False, actor="petra")]


def _undelivered(scene: Scene) -> int:
    with scene.shop.store.reading() as work:
        return len(undelivered(work, scene.shop.views.unsent()))


def test_it_is_told_where_the_mail_went_and_that_the_customer_has_not_got_it(redirected: Scene) -> None:
    assert _envelopes(redirected) == [[ME]]
    ((_, recipients),) = redirected.order().mails
    said = "to me@shop.example, as mail.redirect_to says"
    assert [(each.address, each.status, each.code, each.text, each.sent_at) for each in recipients] == [
        (JANA, "gave_up", "redirected", said, None),
        (ARCHIVE, "gave_up", "redirected", said, None),
    ]
    assert [line.mail for line in redirected.shop.views.invoices()] == ["failed"]
    assert any(f'The mail "invoice" to the customer is not delivered: redirected {said}.' in incident.text for incident in redirected.incidents())
    assert [result.outcome for result in redirected.trigger("close").results] == ["stayed", "stayed"]


def test_it_is_sent_to_the_customer_when_nothing_is_redirected_any_more(redirected: Scene) -> None:
    _configure(redirected, SET, UNSET)
    assert _undelivered(redirected) == 1

    assert _send(redirected) == [f"sent: sent to {JANA}"]

    assert _envelopes(redirected) == [[ME], [JANA, ARCHIVE]]
    assert (_undelivered(redirected), redirected.incidents()) == (0, [])
    assert [result.outcome for result in redirected.trigger("close").results] == ["moved", "moved"]


def test_sent_again_while_all_is_redirected_it_has_still_not_reached_the_customer(redirected: Scene) -> None:
    assert _send(redirected) == [f"sent: sent to {ME}"]
    assert _send(redirected) == [f"sent before: sent on 2026-11-25 10:00 CET to {ME}"]
    assert (_undelivered(redirected), len(redirected.incidents())) == (1, 2)

    _configure(redirected, SET, UNSET)

    assert _send(redirected) == [f"sent: sent to {JANA}"]
    assert (_undelivered(redirected), redirected.incidents()) == (0, [])

"""What providers and shops say may be anything: half characters, no numbers, errors that can't be told. It concerns one job, and ends no worker."""

from __future__ import annotations

import logging
import math
from typing import Any

import pytest

from oms.errors import CommandFailed
from oms.outbox import JobStatus
from tests.unit.engine.scene import Scene
from tests.unit.engine.test_jobs import CALLING

HALF = "\ud83d"
"""Half an emoji, as JSON of a provider that cuts texts by bytes has it."""


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Half a character can't be handed from one process of the tests to the other."""
    caplog.set_level(logging.CRITICAL + 1)


class Untold(Exception):
    """An error that fails when it is asked what it says."""

    def __str__(self) -> str:
        raise ZeroDivisionError


def _call(scene: Scene) -> None:
    """Two orders that wait for their job."""
    scene.open(CALLING)
    for reference in ("A-1", "A-2"):
        scene.place(reference)
        scene.trigger("start", reference=reference)


@pytest.mark.parametrize("error", [ValueError(HALF), Untold(), SystemExit(3), RuntimeError("\0")], ids=["half", "untold", "exit", "nul"])
def test_an_error_that_can_not_be_written_down_is_told_as_far_as_it_can_be_and_stops_nobody(scene: Scene, error: Any) -> None:
    _call(scene)
    scene.world.break_for("A", error, times=1)

    scene.drain()

    jobs = {job.status: job for job in (scene.job(reference=reference) for reference in ("A-1", "A-2"))}
    assert set(jobs) == {JobStatus.TODO, JobStatus.DONE}
    assert (jobs[JobStatus.TODO].error or "").startswith(type(error).__name__)
    scene.wait(seconds=12)
    assert [scene.states("A-1"), scene.states("A-2")] == [["answered", "answered"]] * 2


@pytest.mark.parametrize(
    "brought",
    [{"said": HALF}, {HALF: 1}, {"said": math.nan}, {"said": math.inf}, {"said": object()}, ["said"], {("a", "b"): 1}],
    ids=["half", "half a key", "nan", "inf", "object", "list", "key"],
)
def test_what_a_job_brings_must_be_json_but_its_effect_is_not_repeated_for_it(scene: Scene, brought: Any) -> None:  # rule 27
    _call(scene)
    scene.world.brought["A"] = brought

    scene.drain()

    assert len(scene.world.calls) == 2
    for reference in ("A-1", "A-2"):
        assert scene.states(reference) == ["answered", "answered"]
        assert '{"error": "\\"call\\" is done, but what it returned is no JSON' in (scene.job(reference=reference).result or "")


def test_nothing_that_is_brought_makes_a_round_without_end(scene: Scene) -> None:
    _call(scene)
    circle: dict[str, object] = {}
    scene.world.brought["A"] = circle | {"self": circle}
    circle["self"] = circle

    scene.drain()

    assert scene.states("A-1") == ["answered", "answered"]


@pytest.mark.parametrize("error", [ValueError(HALF), Untold()], ids=["half", "untold"])
def test_a_command_whose_error_can_not_be_written_down_fails_as_any_other(scene: Scene, error: Exception) -> None:
    scene.open(CALLING)
    scene.place()
    scene.trigger("start")
    scene.world.broken["note answer"] = error

    scene.drain()

    assert scene.states() == ["calling", "calling"]
    assert [event for event, *_ in scene.failures()] == ["answer"]
    scene.world.broken.clear()
    scene.wait(seconds=12)
    assert scene.states() == ["answered", "answered"]


def test_a_trigger_whose_command_fails_with_such_an_error_is_answered_with_a_sentence(scene: Scene) -> None:
    scene.open("""
        initial: new
        states: {new: {}, done: {final: true}}
        events: {go: {manual: true, command: {do: {what: go}}}}
        transitions: [{from: new, event: go, to: done}]
        """)
    scene.place()
    scene.world.broken["go"] = ValueError(f"{HALF} said")

    with pytest.raises(CommandFailed, match=r"^Can't go: ValueError: \? said$"):
        scene.trigger("go")

    assert len(scene.failures()) == 1


def test_a_command_can_promise_nothing_that_is_no_json(scene: Scene) -> None:
    scene.open("""
        initial: new
        states: {new: {}, done: {final: true}}
        events: {go: {manual: true, command: {promise: {what: nan}}}}
        transitions: [{from: new, event: go, to: done}]
        """)
    scene.place()

    with pytest.raises(CommandFailed, match=r"^Can't go: ValueError: .*JSON"):
        scene.trigger("go")

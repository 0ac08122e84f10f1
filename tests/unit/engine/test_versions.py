"""Orders keep the process they began with: semantics 11, rule 46."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from oms.engine.counting import count_open
from oms.errors import CommandFailed, InvalidProcess, NotPossible
from tests.unit.engine.scene import Scene

FIRST = """
initial: open
states: {open: {}, left: {final: true}}
events: {go: {manual: true}}
transitions: [{from: open, event: go, to: left}]
"""
SECOND = FIRST.replace("left", "right").replace("{go:", "{wave: {manual: true}, go:").replace("[{from", "[{from: open, event: wave, to: open}, {from")


def test_new_orders_take_the_deployed_version_and_orders_in_flight_keep_theirs(scene: Scene) -> None:  # semantics 11
    scene.open(FIRST)
    scene.place("A-1")
    assert scene.deploy(SECOND) == 2
    scene.place("A-2")

    scene.trigger("go", reference="A-1")
    scene.trigger("go", reference="A-2")

    assert (scene.states("A-1")[0], scene.states("A-2")[0]) == ("left", "right")
    assert (scene.order("A-1").process_number, scene.order("A-2").process_number) == (1, 2)


def test_an_event_that_only_the_new_version_has_is_not_possible_for_orders_in_flight(scene: Scene) -> None:  # semantics 11
    scene.open(FIRST)
    scene.place("A-1")
    scene.deploy(SECOND)

    with pytest.raises(Exception, match='no event "wave"'):
        scene.trigger("wave", reference="A-1")


def test_deploying_the_old_content_again_is_the_rollback(scene: Scene) -> None:  # semantics 11
    scene.open(FIRST)
    scene.deploy(SECOND)
    assert scene.deploy(FIRST) == 1

    scene.place("A-1")
    scene.trigger("go")

    assert scene.states() == ["left", "left"]
    assert scene.rows("SELECT version FROM deployment ORDER BY id") == [(1,), (2,), (1,)]
    assert scene.rows("SELECT count(*) FROM process_version") == [(2,)]


def test_content_that_is_in_force_is_not_deployed_again(scene: Scene) -> None:  # semantics 11
    scene.open(FIRST)

    ((version, changed),) = scene.shop.deploy()

    assert (version.number, changed) == (1, False)
    assert scene.rows("SELECT count(*) FROM deployment") == [(1,)]


def test_a_comment_or_another_order_of_keys_is_no_new_version(scene: Scene) -> None:  # semantics 11: content hash
    scene.open(FIRST)

    assert scene.deploy("# why\n" + FIRST.replace("{open: {}, left: {final: true}}", "{open: {}, left: {final: yes}}".replace("yes", "true"))) == 1


def test_a_faulty_file_deploys_nothing(scene: Scene) -> None:  # semantics 11
    scene.open(FIRST)

    with pytest.raises(InvalidProcess):
        scene.deploy(FIRST.replace("to: left", "to: nowhere"))

    assert scene.rows("SELECT count(*) FROM process_version") == [(1,)]


def test_a_process_that_meets_a_version_it_has_not_loaded_builds_it_from_the_database(scene: Scene) -> None:  # rule 46
    scene.open(FIRST)
    scene.place()
    for file in (scene.folder / "processes").iterdir():
        file.unlink()
    scene.reopen()

    scene.trigger("go")

    assert scene.states() == ["left", "left"]


MISSING = FIRST.replace("event: go, to: left}", "event: go, to: left, command: {do: {what: gone}}}")


def _without_extension(scene: Scene) -> None:
    config = scene.folder / "config" / "oms.toml"
    config.write_text(config.read_text(encoding="utf-8").replace('["tests.unit.engine.world"]', "[]"), encoding="utf-8")
    scene.reopen()


def test_hops_whose_command_is_missing_fail_for_good_with_its_name(scene: Scene) -> None:  # rule 46
    scene.open(MISSING)
    scene.place()
    _without_extension(scene)

    with pytest.raises(CommandFailed, match='The command "do" is missing from this installation: name the module that has it in'):
        scene.trigger("go")


def test_so_do_hops_whose_condition_is_missing(scene: Scene) -> None:  # rule 46
    scene.open(FIRST.replace("event: go, to: left}", "event: go, if: {is_open: {door: x}}, to: left}"))
    scene.place()
    _without_extension(scene)

    with pytest.raises(CommandFailed, match='The condition "is_open" is missing'):
        scene.trigger("go")


def test_what_the_engine_drives_is_not_tried_again_when_a_word_is_missing(scene: Scene) -> None:  # rule 46
    scene.open(MISSING.replace("{go: {manual: true}}", "{go: {after: 1m}}"))
    scene.place()
    _without_extension(scene)

    scene.wait(minutes=1)
    scene.wait(days=1)

    assert len(scene.failures()) == 1
    assert "is missing from this installation" in scene.incidents()[0].text


def test_the_shop_says_which_versions_in_use_it_can_not_run(scene: Scene) -> None:  # rule 46, semantics 11
    scene.open(MISSING)
    scene.place("A-1")
    scene.deploy(FIRST)
    assert scene.shop.blocked() == []
    _without_extension(scene)

    (problem,) = scene.shop.blocked()
    assert (problem.where, problem.sentence) == (
        "prepayment version 1",
        'needs the command "do" (transition open → left), which is missing here.',
    )
    scene.reopen()
    with pytest.raises(CommandFailed):
        scene.trigger("go")


def test_a_version_that_nobody_follows_any_more_blocks_nothing(scene: Scene) -> None:  # rule 46
    scene.open(MISSING)
    scene.place("A-1")
    scene.trigger("go")
    scene.deploy(FIRST)
    count_open(scene.shop.engine, again=True)
    _without_extension(scene)

    assert scene.shop.blocked() == []


def test_names_are_free_text(scene: Scene) -> None:  # semantics 12
    scene.open("""
        initial: 3D secure check
        states: {3D secure check: {}, "zu spät / abgelehnt": {final: true}}
        events: {"lehne ab!": {manual: true}}
        transitions: [{from: 3D secure check, event: "lehne ab!", to: "zu spät / abgelehnt"}]
        """)
    scene.place()

    scene.trigger("lehne ab!")

    assert scene.states() == ["zu spät / abgelehnt"] * 2
    with pytest.raises(NotPossible, match=r'^Can\'t lehne ab! when in "zu spät / abgelehnt"'):
        scene.trigger("lehne ab!")


@pytest.mark.usefixtures("on_file")
def test_the_graph_of_a_version_is_never_changed(scene: Scene) -> None:  # semantics 11
    scene.open(FIRST)
    database: Path = scene.folder / "data" / "oms.db"

    with sqlite3.connect(database) as connection, pytest.raises(sqlite3.IntegrityError, match="kept as they are"):
        connection.execute("UPDATE process_version SET graph = '{}'")

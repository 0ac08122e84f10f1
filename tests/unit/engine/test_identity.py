"""A trigger happens once, and what happened stays: rule 11."""

from __future__ import annotations

import sqlite3

import pytest

from oms.errors import CommandFailed, Conflict
from tests.unit.engine.scene import REFERENCE, Scene

WAVE = """
initial: here
states:
  here: {}
  gone: {final: true}
events:
  wave: {manual: true}
  go: {manual: true}
transitions:
  - {from: here, event: wave, to: here, command: {do: {what: wave}}}
  - {from: here, event: go, to: gone}
"""


def test_a_repeated_key_answers_as_the_first_time_and_changes_nothing(scene: Scene) -> None:  # rule 11
    scene.open(WAVE)
    scene.place()

    first = scene.trigger("wave", key="k1")
    again = scene.trigger("wave", key="k1")

    assert (again.results, again.trigger, again.repeated) == (first.results, first.trigger, True)
    assert scene.world.done == [("wave", ("1", "2"))]


def test_a_key_whose_first_try_failed_answers_that_it_failed(scene: Scene) -> None:  # rule 11
    scene.open(WAVE)
    scene.place()
    scene.world.broken["wave"] = RuntimeError("the arm hurts")
    with pytest.raises(CommandFailed):
        scene.trigger("wave", key="k1")
    scene.world.broken.clear()

    with pytest.raises(CommandFailed, match="the arm hurts"):
        scene.trigger("wave", key="k1")


@pytest.mark.parametrize("other", [{"event": "go"}, {"payload": {"hand": "left"}}, {"reason": "why not"}, {"items": [("1", None)]}])
def test_a_key_repeated_for_something_else_is_refused(scene: Scene, other: dict[str, object]) -> None:  # rule 11
    scene.open(WAVE)
    scene.place()
    scene.trigger("wave", key="k1")
    wish = {"event": "wave", "key": "k1"} | other

    with pytest.raises(Conflict, match='The key "k1" was used for another request'):
        scene.shop.trigger(REFERENCE, **wish)  # type: ignore[arg-type]


def test_a_key_belongs_to_its_order(scene: Scene) -> None:  # rule 11
    scene.open(WAVE)
    scene.place("A-1")
    scene.place("A-2")
    scene.trigger("wave", key="k1", reference="A-1")

    assert scene.trigger("wave", key="k1", reference="A-2").repeated is False


@pytest.mark.usefixtures("on_file")
@pytest.mark.parametrize("table", ["history", "history_item", "invoice", "invoice_line", "invoice_file", "payment", "process_version"])
def test_the_database_itself_refuses_to_change_or_delete_what_is_kept_for_ever(scene: Scene, table: str) -> None:  # rule 11
    scene.open(WAVE)
    scene.place()
    column = {"history_item": "seq", "invoice_line": "line", "invoice_file": "size"}.get(table, "id")

    with sqlite3.connect(scene.folder / "data" / "oms.db") as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        _one_row_at_least(connection, table)
        with pytest.raises(sqlite3.IntegrityError, match="are kept as they are: update refused"):
            connection.execute(f'UPDATE "{table}" SET "{column}" = "{column}"')  # noqa: S608 - our own names
        with pytest.raises(sqlite3.IntegrityError, match="are kept as they are: delete refused"):
            connection.execute(f'DELETE FROM "{table}"')  # noqa: S608 - our own names
        connection.rollback()


def _one_row_at_least(connection: sqlite3.Connection, table: str) -> None:
    """A guard is asked row by row: an empty table would let everything pass."""
    columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" for _ in columns)
    connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', [4711 + place for place in range(len(columns))])  # noqa: S608 - our own names


def test_payload_and_reason_can_be_erased_from_a_trigger_and_the_history_holds_nothing_personal(scene: Scene) -> None:  # rule 11
    scene.open(WAVE)
    scene.place()
    scene.trigger("wave", reason="Jana asked", payload={"hand": "left"})

    scene.rows('UPDATE "trigger" SET payload = NULL, reason = NULL')
    assert "Jana" not in repr(scene.rows("SELECT * FROM history") + scene.rows("SELECT * FROM history_item"))

"""`oms db copy`: a shop with everything in flight moves from its file to a server, however often it is interrupted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from oms.bootstrap import open_shop
from oms.documents.pdf import PdfChild
from oms.engine.firing import look
from oms.outbox import LEASE
from tests.builders import an_order
from tests.faults.house import PAID, House, build, configure, ended
from tests.faults.reading import ask
from tests.postgres import Server


@pytest.fixture
def house(tmp_path: Path, printer: PdfChild) -> House:
    """One order is billed, one waits for a worker that died in the middle of its jobs, the others for their payments."""
    made = build(tmp_path)
    made.printer = printer
    with made.open(lambda: datetime.now(UTC) - timedelta(days=2)) as shop:
        for number in range(4):
            shop.place(an_order(f"A-{number}", comment="Ünïcödé ☕"))
        shop.trigger("A-0", "pay", payload={**PAID, "reference": "tx 0"})
        shop.work()
        shop.trigger("A-1", "pay", payload={**PAID, "reference": "tx 1"})
        look(shop.engine)
        with shop.store.writing() as work:
            now = work.now()
            left = [work.jobs.claim(job, worker="dead", now=now, lease_until=now + LEASE) for job in work.jobs.due(now, limit=1)]
            assert left
    return made


@pytest.fixture
def target(server: Server) -> str:
    return server.new_database(empty=True)


def go_there(house: House, url: str) -> None:
    configure(house.folder, r'url = "sqlite:///[^"]*"', f'url = "{url}"')


def counts(folder: Path) -> dict[str, int]:
    tables = ("orders", "order_item", "history_item", "timer", "job", "invoice", "mail_message", "payment", "deployment")
    return {table: ask(folder, f"SELECT count(*) FROM {table}")[0][0] for table in tables}  # noqa: S608 - names from above


def test_a_shop_goes_on_where_it_was(house: House, target: str) -> None:
    before = counts(house.folder)
    told = json.loads(house.run("db", "copy", target, "--json"))
    assert told["files"] == 8  # a PDF, its XML, what it was made with, its mail, four confirmations
    go_there(house, target)
    assert counts(house.folder) == before

    with house.later() as shop:
        shop.work()
        shop.place(an_order("A-9"))
        shop.trigger("A-9", "pay", payload={**PAID, "reference": "tx 9"})
        shop.work()
    with house.later(days=40) as shop:
        shop.work()
    numbers = [number for (number,) in ask(house.folder, "SELECT number FROM invoice ORDER BY seq")]
    assert [number[-5:] for number in numbers] == ["00001", "00002", "00003"]
    assert dict(ask(house.folder, "SELECT status, count(*) FROM job GROUP BY 1")).keys() == {"done"}
    assert dict(ask(house.folder, _STATES))["A-2"] == "cancelled", "its timer went on"
    assert house.run("invoice", "show", numbers[0])
    assert [wrong for wrong in house.wrong() if "never arrived" not in wrong] == []  # mails are files here


_STATES = 'SELECT o.reference, max(i.state) FROM orders o JOIN order_item i ON i."order" = o.id GROUP BY 1'


def test_the_file_refuses_everybody_from_then_on_and_says_where_the_shop_is(house: House, target: str) -> None:
    with open_shop(house.folder) as before:  # has it open all the while
        house.run("db", "copy", target)
        code, _, complaints = ended(house.start("order", "trigger", "A-2", "pay", "--with", json.dumps(PAID)))
        assert code == 1
        assert f"this shop has moved to {target.rpartition('/')[2]} on 127.0.0.1" in complaints
        assert ask(house.folder, "SELECT count(*) FROM payment") == [(2,)]
        before.engine.patience = 0
        with pytest.raises(Exception, match="this shop has moved to"):
            before.place(an_order("A-9"))
    assert house.run("order", "show", "A-2"), "it can still be looked at"
    house.run("db", "copy", "--undo")
    with open_shop(house.folder) as shop:
        shop.place(an_order("A-9"))


@pytest.mark.parametrize(
    "failpoint",
    [
        "copy.after_table:9",
        *(pytest.param(point, marks=pytest.mark.slow) for point in ("copy.after_freeze", "copy.after_table:3", "copy.after_file:2")),
    ],
)
def test_a_copy_that_was_killed_goes_on_when_it_is_called_again(house: House, target: str, failpoint: str) -> None:
    before = counts(house.folder)
    house.kill(failpoint, "db", "copy", target)
    with psycopg.connect(target) as connection:
        assert connection.execute("SELECT version_num FROM oms.alembic_version").fetchall() == [("copying",)]
    house.run("db", "copy", target)
    go_there(house, target)
    assert counts(house.folder) == before
    with house.later() as shop:
        shop.work()
    assert [wrong for wrong in house.wrong() if "never arrived" not in wrong] == []


def test_a_row_that_differs_is_found_and_the_copy_is_not_opened(house: House, target: str) -> None:
    house.kill("copy.after_file:2", "db", "copy", target)
    with psycopg.connect(target) as connection:
        connection.execute("UPDATE oms.orders SET customer_name = 'Somebody Else' WHERE reference = 'A-2'")
    code, _, complaints = ended(house.start("db", "copy", target))
    assert code == 1
    assert "The copy is not what was copied: orders has 4 rows there and 4 here, and they differ." in complaints


def test_a_database_that_holds_another_shop_is_left_alone(house: House, on_server: str) -> None:
    with psycopg.connect(on_server) as connection:
        connection.execute("INSERT INTO oms.hold(subject, reason, actor, at) VALUES ('mail', 'x', 'y', now())")
    code, _, complaints = ended(house.start("db", "copy", on_server))
    assert code == 1
    assert "holds a shop already (hold …): name an empty one." in complaints
    with open_shop(house.folder) as shop:
        shop.place(an_order("A-9"))


def test_nothing_moves_while_somebody_works(house: House, target: str) -> None:
    with open_shop(house.folder) as shop, shop.store.writing() as work:
        work.workers.seen("alpha:7:1", queues=(), at=work.now())
    code, _, complaints = ended(house.start("db", "copy", target))
    assert (code, "Workers are at it: alpha:7:1. Stop them" in complaints) == (1, True)


def test_a_copy_is_done_again_without_harm_and_nowhere_else(house: House, target: str, server: Server) -> None:
    house.run("db", "copy", target)
    code, _, complaints = ended(house.start("db", "copy", target))
    assert (code, "already, whole: name that as database.url." in complaints) == (1, True)
    code, _, complaints = ended(house.start("db", "copy", server.new_database(empty=True)))
    assert (code, "To give that up: oms db copy --undo." in complaints) == (1, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "say where to, or --undo."),
        (("sqlite:///other.db",), "'sqlite:///other.db' is no server: write postgresql://user@host/database."),
        (("postgresql://x@h/y", "--undo"), "say where to, or --undo."),
    ],
)
def test_a_call_that_says_no_place_is_told(tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    house = build(tmp_path)
    code, _, complaints = ended(house.start("db", "copy", *words))
    assert code == 2
    assert sentence in " ".join(complaints.split())

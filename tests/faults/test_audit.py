"""The checker finds what it is there to find: each thing that can't be, done to a shop that was in order."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import an_order, open_test_shop
from tests.faults.audit import Copy, audit
from tests.faults.house import PAID
from tests.faults.reading import ask


@pytest.fixture(scope="module")
def order_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with one order that waits for its payment, two that are invoiced, and one that is shipped with a delivery note."""
    folder = tmp_path_factory.mktemp("shop")
    with open_test_shop(folder) as shop:
        for reference in ("A-1001", "A-1002", "A-1003"):
            shop.place(an_order(reference))
        for reference in ("A-1001", "A-1002"):
            shop.trigger(reference, "pay", payload={**PAID, "reference": f"tx {reference}"})
        shop.place(an_order("M-1", payment={"method": "marketplace"}))
        shop.trigger("M-1", "pay", payload={**PAID, "reference": "tx M-1"})
        shop.trigger("M-1", "ship")
        shop.work()
    return folder


@pytest.fixture
def folder(order_book: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(order_book, tmp_path / "shop"))


def change(folder: Path, *statements: str) -> None:
    """Past the guards."""
    with closing(sqlite3.connect(folder / "data" / "oms.db")) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            connection.execute(statement)


def test_a_shop_that_is_in_order_is_in_order(folder: Path) -> None:
    assert audit(folder) == []


@pytest.mark.parametrize(
    ("rule", "statement"),
    [
        ("I0", "UPDATE history_item SET history = 4711 WHERE history = 1"),
        ("I2", "UPDATE order_item SET state = 'nowhere' WHERE id = 1"),
        ("I3", "UPDATE order_item SET state = 'shipped' WHERE id = 1"),
        ("I3", "UPDATE order_item SET moves = moves + 1 WHERE id = 1"),
        ("I3", "UPDATE order_item SET seq = seq + 1 WHERE id = 1"),
        ("I3", "DELETE FROM history_item WHERE item = 1 AND seq = 2"),
        ("I3", "UPDATE history SET source = 'new' WHERE source = 'paid'"),
        ("I3", "UPDATE history SET event = 'ship' WHERE event = 'accept'"),
        ("I3", "UPDATE history SET at = '2020-01-01 00:00:00.000000' WHERE event = 'pay'"),
        ("I4", 'UPDATE "trigger" SET answer = NULL WHERE id = 2'),
        ("I4", 'UPDATE history SET "order" = 2 WHERE id = 1'),
        ("I5", "UPDATE job SET hop = '4711:1'"),
        ("I5", "UPDATE job SET state = 'invoiced' WHERE name = 'render_invoice'"),
        ("I5", "UPDATE paper SET cause = '4711:1'"),
        ("I5", "UPDATE paper SET snapshot = '{}'"),
        ("I6", "UPDATE number_series SET last = last + 1"),
        ("I6", "UPDATE invoice SET seq = 3 WHERE seq = 2"),
        ("I6", "UPDATE invoice SET number = 'RE-2026-00009' WHERE seq = 2"),
        ("I6", "UPDATE invoice SET snapshot = '{}' WHERE seq = 1"),
        ("I6", "UPDATE invoice SET issued_on = '2020-01-01' WHERE seq = 2"),
        ("I7", "UPDATE invoice_line SET quantity = quantity + 1"),
        ("I7", "UPDATE invoice SET cause = '4711:1'"),
        ("I8", "UPDATE invoice_file SET sha256 = 'other'"),
        ("I8", "UPDATE paper_file SET sha256 = 'other'"),
        ("I16", "UPDATE order_line SET shares = replace(shares, '7980', '7979')"),
        ("I16", "UPDATE invoice SET gross_minor = gross_minor + 1 WHERE seq = 1"),
        ("Rule", "UPDATE invoice_standing SET open_minor = open_minor + 1"),
        ("Rule", "DELETE FROM invoice_standing"),
        ("I12", "UPDATE job SET status = 'running'"),
        ("I13", "UPDATE timer SET moves = moves + 1"),
        ("I13", "UPDATE timer SET event = 'remind'"),
    ],
)
def test_what_cannot_be_is_found(folder: Path, rule: str, statement: str) -> None:
    change(folder, statement)
    assert rule in {finding.split()[0] for finding in audit(folder)}


def test_a_file_that_was_changed_is_found(folder: Path) -> None:
    ((key,),) = ask(folder, "SELECT key FROM invoice_file LIMIT 1")
    path = folder / "data" / "archive" / key
    path.chmod(0o600)
    path.write_bytes(b"%PDF-forged")
    assert audit(folder) == [f"I8 {key} is not what was stored"]


@pytest.fixture
def copies(folder: Path) -> list[Copy]:
    """What a server would have taken."""
    change(folder, "UPDATE mail_recipient SET code = '250'")
    rows = ask(folder, "SELECT m.eml_key, r.address FROM mail_message m JOIN mail_recipient r ON r.message = m.id ORDER BY m.id, r.address")
    return [Copy("shop", (address,), (folder / "data" / "archive" / key).read_bytes()) for key, address in rows]


def test_mails_that_arrived_as_promised_are_in_order(folder: Path, copies: list[Copy]) -> None:
    assert audit(folder, copies=copies) == []


def test_mails_that_did_not_arrive_as_promised_are_found(folder: Path, copies: list[Copy]) -> None:
    first, *others = copies
    assert rules(folder, others) == {"I9"}
    assert rules(folder, [first, *copies]) == {"I10"}
    assert audit(folder, copies=[first, *copies], doubled=1) == []
    assert rules(folder, [*others, Copy("shop", first.recipients, first.content + b"more\r\n")]) == {"I10"}
    assert rules(folder, [*copies, Copy("shop", ("evil@example.net",), others[-1].content)]) == {"I11"}
    assert rules(folder, [*copies, Copy("shop", first.recipients, b"Message-ID: <1@example.net>\r\n\r\n")]) == {"I10"}


def rules(folder: Path, copies: list[Copy]) -> set[str]:
    return {finding.split()[0] for finding in audit(folder, copies=copies)}

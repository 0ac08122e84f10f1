"""Events from a file, over HTTP and on the command line."""

from __future__ import annotations

import httpx2 as httpx
import pytest

from oms.bootstrap import Shop
from oms.cli.app import run
from tests.builders import an_order

IMPORT = "/api/v1/events/import"
FILE = "reference;event;item;reason;with.tracking\nA-1;cancel;;no stock;\nA-2;cancel;1;no stock;\nA-3;cancel;;;\nNOBODYS;cancel;;no stock;\n"


@pytest.fixture
def placed(shop: Shop) -> Shop:
    for number in (1, 2, 3):
        shop.place(an_order(f"A-{number}"))
    return shop


def outcomes(answer: httpx.Response) -> list[str]:
    return [row["outcome"] for row in answer.json()["rows"]]


def states(shop: Shop) -> list[list[str]]:
    return [[item.state for item in shop.views.order(f"A-{number}").items] for number in (1, 2, 3)]


def test_each_row_is_told_what_would_happen_and_nothing_does(placed: Shop, client: httpx.Client) -> None:
    before = states(placed)
    answer = client.post(IMPORT, content=FILE, params={"preview": "true"})
    assert (answer.status_code, outcomes(answer)) == (200, ["possible", "possible", "failed", "failed"])
    assert "wants a reason" in answer.json()["rows"][2]["said"]
    assert states(placed) == before


def test_each_row_happens_by_itself_and_a_repeated_file_moves_nothing(placed: Shop, client: httpx.Client) -> None:
    assert outcomes(client.post(IMPORT, content=FILE)) == ["moved", "moved", "failed", "failed"]
    after = states(placed)
    assert after == [["cancelled", "cancelled"], ["cancelled", "payment pending"], ["payment pending", "payment pending"]]
    assert outcomes(client.post(IMPORT, content=FILE)) == ["repeated", "repeated", "failed", "failed"]
    assert states(placed) == after


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("item\n1\n", "lacks the column reference"),
        ("reference,event\n", "has no row"),
        ("reference,event,colour\nA-1,cancel,red\n", 'unknown column "colour"'),
        ("reference,event\nA-1\n", "another number of cells"),
        ("reference,event\n,cancel\n", "has no reference"),
        (b"reference,event\n\xff,cancel\n", "is not UTF-8"),
        ('reference,event\n"A-1,cancel\n', "is no CSV"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_changes_nothing(client: httpx.Client, content: str | bytes, said: str) -> None:
    answer = client.post(IMPORT, content=content)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_the_command_line_reads_the_same_file(placed: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    folder = placed.settings.processes.folder.parent
    (folder / "cancelled.csv").write_text(FILE, encoding="utf-8")
    assert run(["--shop", str(folder), "events", "import", str(folder / "cancelled.csv")]) == 1
    assert "2 moved, 2 failed." in capsys.readouterr().out

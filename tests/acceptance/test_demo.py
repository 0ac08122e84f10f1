"""The demo: thirty orders, a walk, and one line that decides when the invoice is sent."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from oms.bootstrap import Shop, open_shop
from oms.demo import MOVE, run
from oms.demo.situations import STORIES
from oms.errors import InvalidInput
from oms.ports.views import OrderFilter
from oms.resources import resource_folder
from tests.builders import MovedClock, an_order, open_test_shop


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder and what was printed at 80 columns."""
    folder = tmp_path_factory.mktemp("demo") / "shop"
    code = f"from pathlib import Path; from oms.demo import run; run(folder=Path({str(folder)!r}), pause=False)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"COLUMNS": "80"}, timeout=180, check=True)
    assert told.stderr == ""
    return folder, told.stdout


@pytest.fixture(scope="module")
def shop(demo: tuple[Path, str]) -> Iterator[Shop]:
    with open_shop(demo[0]) as shop:
        yield shop


def test_thirty_orders_stand_in_all_kinds_of_situations(shop: Shop) -> None:
    lines = shop.views.orders(OrderFilter(limit=100))
    states = {(line.process, state) for line in lines for state in line.states}
    assert len(STORIES) == 30
    assert {line.reference for line in lines} >= {story.reference for story in STORIES}
    assert states >= {
        ("prepayment", "payment pending"),
        ("prepayment", "invoiced"),
        ("prepayment", "shipped"),
        ("prepayment", "closed"),
        ("prepayment", "cancelled"),
        ("prepayment", "refund failed"),
        ("invoice", "under review"),
        ("invoice", "overdue"),
        ("invoice", "written off"),
        ("invoice", "paid"),
        ("marketplace", "return announced"),
        ("marketplace", "invoiced"),
    }
    assert [line.reference for line in lines if line.held] == ["P-1011"]


def test_every_mail_of_the_demo_reached_the_mail_server(demo: tuple[Path, str], shop: Shop) -> None:
    mails = shop.views.mails(limit=1000)
    filed = list((demo[0] / "mailbox").glob("*.eml"))
    assert len(filed) == len(mails) > 60
    assert {recipient.code for mail in mails for recipient in mail.recipients} == {"250"}


def test_a_hidden_copy_of_each_invoice_is_in_the_envelope_and_in_no_byte_of_the_mail(demo: tuple[Path, str], shop: Shop) -> None:
    copy = "archive@kaffeehaus-muster.example"
    envelopes = [path for path in (demo[0] / "mailbox").glob("*.json") if copy in json.loads(path.read_text())["recipients"]]
    assert len(envelopes) == len(shop.views.invoices(limit=1000))
    assert [path for path in envelopes if copy.encode() in path.with_suffix(".eml").read_bytes()] == []


def test_it_prints_where_pdf_and_mail_are_and_which_line_to_move(demo: tuple[Path, str]) -> None:
    told = demo[1]
    shown = dict(re.findall(r"^  (PDF|mail|envelope) +(\S+)$", told, re.MULTILINE))
    assert {name: Path(path).is_file() for name, path in shown.items()} == {"PDF": True, "mail": True, "envelope": True}
    assert MOVE in told
    assert "→ closed" in told


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InvalidInput, match="left alone"):
        run(folder=tmp_path, pause=False)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_the_readme_names_the_line_in_the_same_words() -> None:
    assert f"> {MOVE}" in (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def moved(text: str, sentence: str) -> str:
    """A process file after somebody did what the sentence says."""
    found = re.search(r"line `(?P<line>[^`]+)` from the state `(?P<source>[^`]+)` to the state `(?P<target>[^`]+)`", sentence)
    assert found is not None
    lines = text.splitlines(keepends=True)
    (place,) = [number for number, line in enumerate(lines) if line.strip().startswith(found["line"])]
    line = lines.pop(place)
    assert any(each == f"  {found['source']}:\n" for each in lines[:place])
    lines.insert(lines.index(f"  {found['target']}:\n") + 1, line)
    return "".join(lines)


def mailed_in(shop: Shop, reference: str) -> str:
    """The state in which the order's invoice was mailed."""
    view = shop.views.order(reference)
    causes = {job.id: job.hop for job in view.jobs}
    (cause,) = [causes[message.job] for message, _ in view.mails if message.template == "invoice"]
    return next(row.target for row in view.history if f"{row.trigger}:{row.hop}" == cause)


@pytest.mark.parametrize(("changed", "state"), [(False, "invoiced"), (True, "shipped")])
def test_moving_one_line_moves_the_invoice(tmp_path: Path, *, changed: bool, state: str) -> None:
    text = (resource_folder("processes") / "prepayment.yaml").read_text(encoding="utf-8")
    shop = open_test_shop(tmp_path, processes={"prepayment.yaml": moved(text, MOVE) if changed else text}, clock=MovedClock())
    with shop:
        shop.place(an_order("A-1"))
        shop.trigger("A-1", "pay", payload={"amount": "168.80", "reference": "tx_1"})
        shop.work()
        shop.trigger("A-1", "ship")
        shop.work()
        assert mailed_in(shop, "A-1") == state


def test_on_a_terminal_the_reader_moves_the_line_and_sees_what_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reader first makes a mistake, reads what is wrong, mends it, and presses Enter again."""
    processes = tmp_path / "_shipped" / "processes"
    shutil.copytree(resource_folder("processes"), processes)
    monkeypatch.setattr("oms.demo.ground.resource_folder", lambda name: processes if name == "processes" else resource_folder(name))
    monkeypatch.setattr("oms.demo.show.seed", lambda _place: 0)
    edited = tmp_path / "shop" / "walk" / "processes" / "prepayment.yaml"
    texts = [moved((processes / "prepayment.yaml").read_text(encoding="utf-8"), MOVE)]
    texts.insert(0, texts[0].replace("issue_invoice", "isue_invoice"))

    class Reader(io.StringIO):
        def readline(self, *_size: int | None) -> str:  # type: ignore[override]
            edited.write_text(texts.pop(0), encoding="utf-8")
            return "\n"

    monkeypatch.setattr("sys.stdin", Reader())
    run(folder=tmp_path / "shop", pause=True)
    told = capsys.readouterr().out
    assert "isue_invoice" in told
    rows = {line.split()[0]: line for line in told.splitlines() if "issued and mailed" in line}
    assert rows["invoiced"].index("issued") < rows["shipped"].index("issued")

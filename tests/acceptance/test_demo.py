"""The demo: thirty orders, a walk, and one line that decides when the invoice is sent."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx2 as httpx
import pypdf
import pytest
from rich.console import Console

from oms.bootstrap import Shop, open_shop
from oms.demo import MOVE, run
from oms.demo.ground import ground
from oms.demo.show import demonstrate
from oms.demo.situations import STORIES, seed
from oms.errors import InvalidInput
from oms.outbox import JobStatus
from oms.ports.views import OrderFilter
from oms.resources import resource_folder
from tests.acceptance.cli.calling import Caller
from tests.builders import BEGINNING, MovedClock, an_order, open_test_shop

ROOT = Path(__file__).parents[2]

COPIES = {"main": {"archive@kaffeehaus-muster.example"}, "atelier": {"ablage@atelier-muster.example", "archive@kaffeehaus-muster.example"}}
"""Store to who gets a hidden copy of its invoices."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder and what was printed at 80 columns."""
    here = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "oms", "demo", "--no-pause"]
    environment = os.environ | {"COLUMNS": "80", "PYTHONPATH": str(ROOT)}
    told = subprocess.run(command, capture_output=True, text=True, cwd=here, env=environment, timeout=300, check=True)
    assert told.stderr == ""
    return here / "demo", told.stdout


@pytest.fixture(scope="module")
def shop(demo: tuple[Path, str]) -> Iterator[Shop]:
    with open_shop(demo[0]) as shop:
        yield shop


# ---- The shop ----


def test_thirty_orders_stand_in_all_kinds_of_situations(shop: Shop) -> None:
    lines = shop.views.orders(OrderFilter(limit=100))
    assert len(STORIES) == 30
    assert {line.reference for line in lines} == {"DEMO-1", *(story.reference for story in STORIES)}
    assert {line.process for line in lines} == {"prepayment", "invoice", "marketplace", "card"}
    assert {line.store for line in lines} == {"main", "atelier"}
    assert {state for line in lines for state in line.states} == {
        *("payment pending", "under review", "paid", "invoiced", "shipped", "overdue", "closed"),
        *("cancelled", "refund failed", "written off", "return announced"),
        *("authorized", "capture failed", "refunded"),
    }
    assert {line.reference: line.held for line in lines if line.held} == {"P-1011": "Address looks odd: call the customer"}
    assert {line.reference for line in lines if line.attention} == {"M-3003", "P-1009", "M-3005", "A-4002", "I-2004"}


def templates(shop: Shop, reference: str) -> list[str]:
    return [message.template for message, _ in shop.views.order(reference).mails]


def ways(shop: Shop, reference: str) -> list[str]:
    """The states of an order's first item, with what led there and who did it."""
    view = shop.views.order(reference)
    return [f"{row.actor}: {row.event} -> {row.target}" for row in view.history if row.item == view.items[0].id and not row.error]


def test_time_did_its_work(shop: Shop) -> None:
    assert "payment_reminder" in templates(shop, "P-1002")
    assert ways(shop, "P-1004")[-1] == "timer: expire -> cancelled"
    assert ways(shop, "P-1007")[-1] == "timer: close -> closed"
    assert ways(shop, "I-2004")[-1] == "timer: go overdue -> overdue"
    assert templates(shop, "I-2003").count("payment_reminder") == 1


def test_people_did_theirs(shop: Shop) -> None:
    assert ways(shop, "P-1008")[-1] == "clerk: cancel -> cancelled"
    assert shop.views.order("P-1008").history[-1].reason == "Ordered twice by mistake"
    assert ways(shop, "P-1010")[-1] == "clerk: refund by hand -> cancelled"
    assert ways(shop, "M-3003")[-1] == "clerk: generate invoice -> invoiced"
    assert [(item.label, item.quantity, item.state) for item in shop.views.order("P-1012").items] == [("1", 2, "invoiced"), ("1.1", 1, "shipped")]


def test_money_came_in_part_and_too_late(shop: Shop) -> None:
    assert [payment.amount_minor for payment in shop.views.order("P-1003").payments] == [30000]
    assert [payment.amount_minor for payment in shop.views.order("P-1015").payments] == [10000, 6880]
    assert ways(shop, "P-1009")[-3:] == ["timer: expire -> cancelled", "bank: pay -> refunding", "job:refund_payment: fail refund -> refund failed"]


def test_a_command_failed_and_its_order_waits_for_somebody(shop: Shop) -> None:
    view = shop.views.order("A-4002")
    assert view.invoices == ()
    assert "charges no tax" in str(view.items[0].error)
    assert view.incidents


def test_a_mail_was_refused_and_its_order_needs_attention_but_waits_for_the_usual(demo: tuple[Path, str], shop: Shop) -> None:
    view = shop.views.order("M-3003")
    answers = {message.template: [(each.status, each.code) for each in recipients] for message, recipients in view.mails}
    assert answers["order_confirmation"] == [("sent", "250")]
    assert answers["invoice"] == [("refused", "550"), ("sent", "250")]
    (incident,) = view.incidents
    assert incident.kind == "mail not delivered"
    assert incident.text in " ".join(demo[1].split())
    assert [item.state for item in view.items] == ["invoiced", "invoiced"]


def test_the_refused_mail_is_mended_as_a_person_would(demo: tuple[Path, str], tmp_path: Path) -> None:
    oms = Caller(Path(shutil.copytree(demo[0], tmp_path / "demo")))
    assert "mail not delivered" in oms("incident", "list").out
    new = '{"customer": {"email": "lukas@new-mail.example"}}'
    assert oms("order", "correct", "M-3003", "--with", new, "--reason", "moved").code == 0
    sent = oms("invoice", "send")
    assert (sent.code, "sent to lukas@new-mail.example" in sent.out) == (0, True)
    assert "mail not delivered" not in oms("incident", "list").out
    (marked,) = [line for line in oms("order", "list").out.splitlines() if "M-3003" in line]
    assert "!" not in marked


def test_customers_are_german_and_english_with_net_and_gross_prices_and_without_tax(shop: Shop) -> None:
    views = [shop.views.order(story.reference) for story in STORIES]
    assert {view.head.locale for view in views} == {"de_DE", "en_GB"}
    assert {json.loads(view.document)["prices"] for view in views} == {"net", "gross"}
    assert {line["tax_category"] for view in views for line in json.loads(view.document)["lines"]} == {"S", "E", "K"}
    assert [view.head.reference for view in views if view.customer_email is None] == ["I-2002", "I-2008"]


def test_each_invoice_has_its_pdf_and_the_numbers_of_a_store_have_no_gap(shop: Shop) -> None:
    lines = shop.views.invoices(limit=1000)
    assert [line.document.number for line in lines if line.file is None] == []
    for prefix in ("RE", "AT"):
        numbers = [tuple(map(int, line.document.number.split("-")[1:])) for line in reversed(lines) if line.document.number.startswith(prefix)]
        for year in {year for year, _ in numbers}:
            of_year = [number for each, number in numbers if each == year]
            assert of_year == list(range(1, len(of_year) + 1))


def test_nothing_is_left_undone_and_no_job_died_but_those_about_money(shop: Shop) -> None:
    jobs = [job for line in shop.views.orders(OrderFilter(limit=100)) for job in shop.views.order(line.reference).jobs]
    assert {job.status for job in jobs} == {JobStatus.DONE, JobStatus.DEAD}
    assert {job.name for job in jobs if job.status is JobStatus.DEAD} == {"refund_payment", "capture_payment"}


def test_the_fake_bank_pays_pays_back_and_refuses(shop: Shop) -> None:
    assert [(each.kind, each.amount_minor) for each in shop.views.order("C-5002").payments] == [
        *(("authorization", 16880), ("payment", 16880), ("refund", 8900)),
    ]
    assert ways(shop, "C-5003")[-1] == "job:capture_payment: fail capture -> capture failed"
    (capture,) = [job for job in shop.views.order("C-5003").jobs if job.name == "capture_payment"]
    assert "29.13 EUR. It moves no money." in str(capture.error)


# ---- The mails ----


def test_every_mail_reached_the_mail_server_over_smtp(demo: tuple[Path, str], shop: Shop) -> None:
    mails = shop.views.mails(limit=1000)
    filed = list((demo[0] / "mailbox").glob("*.eml"))
    assert len(filed) == len(mails) > 60
    assert len(list((demo[0] / "mailbox").glob("*.json"))) == len(filed)
    answers = {(recipient.status, recipient.code, recipient.text) for mail in mails for recipient in mail.recipients}
    assert answers == {("sent", "250", "filed"), ("refused", "550", "5.1.1 there is no such mailbox")}


def test_each_invoice_mail_has_hidden_copies_in_the_envelope_and_in_no_byte(demo: tuple[Path, str], shop: Shop) -> None:
    envelopes = [(path, set(json.loads(path.read_text())["recipients"])) for path in (demo[0] / "mailbox").glob("*.json")]
    copied = [(path, recipients & set().union(*COPIES.values())) for path, recipients in envelopes]
    expected = [COPIES[mail.message.store] for mail in shop.views.mails(limit=1000) if mail.message.document is not None]
    assert sorted(map(sorted, expected)) == sorted(sorted(copies) for _, copies in copied if copies)
    assert [path.name for path, copies in copied for copy in copies if copy.encode() in path.with_suffix(".eml").read_bytes()] == []


# ---- What is printed ----


def test_it_prints_where_pdf_and_mail_are(demo: tuple[Path, str]) -> None:
    shown = {name: demo[0].parent / path for name, path in re.findall(r"^  (PDF|mail|envelope) +(\S+)$", demo[1], re.MULTILINE)}
    assert {name: path.is_file() for name, path in shown.items()} == {"PDF": True, "mail": True, "envelope": True}
    assert "DEMO-1" in pypdf.PdfReader(shown["PDF"]).pages[0].extract_text()


def test_it_prints_which_line_to_move_and_what_to_do_next(demo: tuple[Path, str]) -> None:
    told = " ".join(demo[1].split())
    assert MOVE in told
    assert "▶ 19 on_enter: [issue_invoice, mail_invoice]" in told
    assert "order show P-1009" in told
    assert "incident list" in told


def test_each_hop_is_printed_with_what_the_engine_did(demo: tuple[Path, str]) -> None:
    walked = [line.strip() for line in demo[1].splitlines()]
    assert [line[14:] for line in walked if re.match(r"\d\d \w{3} \d\d:\d\d", line)] == [
        "shop    (placed)     → new",
        "shop    accept       → payment pending",
        "bank    pay          → paid",
        "engine  (by itself)  → invoiced",
        "clerk   ship         → shipped",
        "timer   close        → closed",
    ]
    year = re.findall(r"invoice RE-(\d{4})-00001 issued", demo[1])[0]
    billed = walked.index("on_enter: issue_invoice, mail_invoice")
    assert walked[billed + 1 : billed + 4] == [
        f"invoice RE-{year}-00001 issued",
        'mail "invoice" to jana@example.com',
        "hidden copy to archive@kaffeehaus-muster.example",
    ]
    assert "✓ new → ✓ payment pending → ✓ paid → ● invoiced → ○ shipped → ○ closed" in walked


def test_nothing_is_wider_than_80_columns(demo: tuple[Path, str]) -> None:
    assert [line for line in demo[1].splitlines() if len(line) > 80 and str(ROOT) not in line] == []


def masked(text: str) -> list[str]:
    """Lines without what is new each time (days, numbers, names of files), and without blanks, for a picture has none."""
    new = r"\S+/|\d\d \w{3} \d\d:\d\d|[\w.-]*\d{4}[\w.-]*"
    return ["".join(re.sub(new, "", line).split()).rstrip("─") for line in text.splitlines() if line.strip()]


def test_the_picture_shows_what_is_printed(demo: tuple[Path, str]) -> None:
    rows: dict[float, dict[float, str]] = {}
    for text in ET.parse(ROOT / "docs" / "pictures" / "demo.svg").iter("{http://www.w3.org/2000/svg}text"):  # noqa: S314 - our own
        if text.get("y") and text.get("clip-path"):
            rows.setdefault(float(text.attrib["y"]), {})[float(text.attrib["x"])] = text.text or ""
    drawn = [" ".join(text for _, text in sorted(row.items())).replace("\xa0", " ") for _, row in sorted(rows.items())]
    walked = demo[1][demo[1].index("Order DEMO-1 walks") : demo[1].index("Your turn")]
    assert masked("\n".join(drawn)) == masked(walked)


# ---- Beginning anew ----


def test_it_begins_anew_in_the_folder_of_an_earlier_demo(tmp_path: Path, screen: Console) -> None:
    for _ in range(2):
        demonstrate(screen, tmp_path, processes=resource_folder("processes"), ask=None, stories=STORIES[:1])
        (tmp_path / "data" / "left").write_text("of an earlier demo")
    with open_shop(tmp_path) as shop:
        assert [line.reference for line in shop.views.orders(OrderFilter())] == ["P-1001", "DEMO-1"]
    assert len(list((tmp_path / "mailbox").glob("*.eml"))) == 4


def test_it_counts_its_orders_and_where_nothing_is_written_over_a_line_for_ten_is_enough(tmp_path: Path) -> None:
    lines, terminal = io.StringIO(), io.StringIO()
    demonstrate(Console(file=lines, width=80), tmp_path / "lines", processes=resource_folder("processes"), ask=None, stories=STORIES[:10])
    assert re.findall(r"^(\d+) of 11 orders", lines.getvalue(), re.MULTILINE) == ["0", "10"]
    assert "\x1b" not in lines.getvalue()
    screen = Console(file=terminal, width=80, force_terminal=True, force_interactive=True)
    demonstrate(screen, tmp_path / "terminal", processes=resource_folder("processes"), ask=None, stories=STORIES[:1])
    assert "2 of 2 orders" in terminal.getvalue()


def test_a_program_is_shown_nothing_and_told_where_shop_pdf_and_mail_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = run(folder=tmp_path, quiet=True, stories=())
    (invoice,) = told["invoices"]
    assert capsys.readouterr().out == ""
    assert (told["shop"], told["order"], invoice["hidden"]) == (tmp_path, "DEMO-1", ("archive@kaffeehaus-muster.example",))
    assert [Path(invoice[name]).is_file() for name in ("pdf", "mail", "envelope")] == [True] * 3


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InvalidInput, match="left alone"):
        run(folder=tmp_path, pause=False)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_settings_of_the_environment_are_refused_for_its_mails_could_reach_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_MAIL__SMTP__HOST", "smtp.shop.example")
    with pytest.raises(InvalidInput, match="OMS_MAIL__SMTP__HOST: would override"):
        run(folder=tmp_path / "demo", pause=False)


def test_afterwards_mails_become_files_in_the_same_mailbox(demo: tuple[Path, str]) -> None:
    with open_shop(demo[0]) as shop:
        assert (shop.settings.mail.transport, shop.settings.mail.folder) == ("file", demo[0] / "mailbox")


# ---- One line ----


def moved(text: str, sentence: str) -> str:
    """A process file after somebody did what the sentence says."""
    found = re.search(r"line `(?P<line>[^`]+)` from the state `(?P<source>[^`]+)` to the state `(?P<target>[^`]+)`", sentence)
    assert found is not None
    lines = text.splitlines(keepends=True)
    (place,) = [number for number, line in enumerate(lines) if line.strip().startswith(found["line"])]
    line = lines.pop(place)
    assert lines[place - 1] == f"  {found['source']}:\n"
    lines.insert(lines.index(f"  {found['target']}:\n") + 1, line)
    return "".join(lines)


def in_the_readme() -> str:
    """The sentence of the README that says which line to move, as one line."""
    quoted: list[str] = re.findall(r"(?:^> .+\n)+", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    (sentence,) = [text for text in (block.replace("> ", "").replace("\n", " ").strip() for block in quoted) if text.startswith("Move the line")]
    return sentence


def test_readme_and_demo_name_the_line_in_the_same_words() -> None:
    assert in_the_readme() == MOVE


def mailed_in(shop: Shop, reference: str) -> str:
    """The state in which the order's invoice was mailed."""
    view = shop.views.order(reference)
    causes = {job.id: job.hop for job in view.jobs}
    (cause,) = [causes[message.job] for message, _ in view.mails if message.template == "invoice"]
    return next(row.target for row in view.history if f"{row.trigger}:{row.hop}" == cause)


@pytest.mark.parametrize(("changed", "state"), [(False, "invoiced"), (True, "shipped")])
def test_moving_one_line_by_the_words_of_the_readme_moves_the_invoice(tmp_path: Path, *, changed: bool, state: str) -> None:
    text = (resource_folder("processes") / "prepayment.yaml").read_text(encoding="utf-8")
    shop = open_test_shop(tmp_path, processes={"prepayment.yaml": moved(text, in_the_readme()) if changed else text}, clock=MovedClock())
    with shop:
        shop.place(an_order("A-1"))
        shop.trigger("A-1", "pay", payload={"amount": "168.80", "reference": "tx_1"})
        shop.work()
        shop.trigger("A-1", "ship")
        shop.work()
        assert mailed_in(shop, "A-1") == state


# ---- At a terminal ----


@pytest.fixture
def screen() -> Console:
    return Console(file=io.StringIO(), width=80, highlight=False, emoji=False, markup=False)


@pytest.fixture
def processes(tmp_path: Path) -> Path:
    """A reader's own copy."""
    return Path(shutil.copytree(resource_folder("processes"), tmp_path / "processes"))


def reader(file: Path, *texts: str) -> Callable[[str], bool]:
    """Somebody who saves these texts, one after the other, presses Enter after each, and then goes away."""
    left = list(texts)

    def ask(_words: str) -> bool:
        if left:
            file.write_text(left.pop(0), encoding="utf-8")
            return True
        return False

    return ask


def told(screen: Console) -> str:
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_after_the_line_was_moved_the_same_order_gets_its_invoice_with_the_parcel(tmp_path: Path, processes: Path, screen: Console) -> None:
    file = processes / "prepayment.yaml"
    demonstrate(screen, tmp_path / "demo", processes=processes, ask=reader(file, moved(file.read_text(), MOVE)), stories=())
    lines = told(screen).splitlines()
    header = next(line for line in lines if "before" in line and "now" in line)
    billed = {line.split()[0]: line.index("invoice issued and mailed") for line in lines if "invoice issued and mailed" in line}
    assert billed == {"invoiced": header.index("before"), "shipped": header.index("now")}
    with open_shop(tmp_path / "demo") as before, open_shop(tmp_path / "demo" / "replay") as now:
        assert (mailed_in(before, "DEMO-1"), mailed_in(now, "DEMO-1")) == ("invoiced", "shipped")


def test_a_mistake_in_the_file_is_shown_as_oms_check_shows_it_and_may_be_mended(tmp_path: Path, processes: Path, screen: Console) -> None:
    file = processes / "prepayment.yaml"
    right = moved(file.read_text(), MOVE)
    ask = reader(file, right.replace("issue_invoice", "isue_invoice"), right)
    demonstrate(screen, tmp_path / "demo", processes=processes, ask=ask, stories=())
    assert re.search(r'prepayment\.yaml:\d+:\d+: error\[OMS011\].*\n.*isue_invoice.*\n +\^\nhint: did you mean "issue_invoice"\?', told(screen))
    assert "invoice issued and mailed" in told(screen)


def test_an_edit_that_stops_the_order_is_told_and_may_be_mended(tmp_path: Path, processes: Path, screen: Console) -> None:
    file = processes / "prepayment.yaml"
    text = file.read_text()
    ask = reader(file, text.replace("event: ship, to: shipped", "event: close, to: shipped"), moved(text, MOVE))
    demonstrate(screen, tmp_path / "demo", processes=processes, ask=ask, stories=())
    assert "It got no further: Can't ship" in told(screen)
    assert "invoice issued and mailed" in told(screen)


def test_a_file_that_was_not_changed_is_asked_for_once_more(tmp_path: Path, processes: Path, screen: Console) -> None:
    text = (processes / "prepayment.yaml").read_text()
    demonstrate(screen, tmp_path / "demo", processes=processes, ask=reader(processes / "prepayment.yaml", text, text), stories=())
    assert told(screen).count("The file is as it was") == 1
    assert not (tmp_path / "demo" / "replay").exists()


def test_an_edited_process_refuses_some_orders_and_stops_no_others(tmp_path: Path, processes: Path) -> None:
    file = processes / "invoice.yaml"
    file.write_text(file.read_text().replace("approve", "agree"), encoding="utf-8")
    stories = [story for story in STORIES if story.reference in {"I-2001", "I-2007"}]
    with ground(tmp_path / "demo", processes=processes, beginning=BEGINNING) as place:
        refused = seed(place, today=BEGINNING, stories=stories)
        assert [line.reference for line in place.shop.views.orders(OrderFilter())] == ["I-2001", "I-2007"]
    assert refused[0].startswith("I-2007: ")


def test_the_shop_of_the_demo_is_served_in_the_end(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from oms.demo import run; from oms.demo.serving import serve_demo\n"
    script += "run(folder=Path(sys.argv[1]), pause=False, quiet=True, stories=()); serve_demo(Path(sys.argv[1]), port=0)"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "demo")], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        told = "".join(iter(process.stdout.readline, "Ctrl-C ends it; nothing leaves this machine.\n"))
        (way_in,) = re.findall(r"(http://\S+)/\s+as\s+(\S+)\s+password\s+(\S+)\s+API\s+\S+\s+with\s+Authorization: Bearer\s+(\S+)", told)
        address, email, password, key = way_in
        with httpx.Client(base_url=address, transport=httpx.HTTPTransport(retries=50)) as client:
            orders = client.get("/api/v1/orders", headers={"Authorization": f"Bearer {key}"})
            assert [order["reference"] for order in orders.json()["orders"]] == ["DEMO-1"]
            entered = client.post("/api/v1/session", json={"email": email, "password": password}, headers={"Origin": address})
            assert entered.status_code in {200, 201, 204}, entered.text
        process.send_signal(signal.SIGINT)
    assert process.returncode == 0

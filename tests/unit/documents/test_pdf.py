"""PDFs from the child process: what they hold, what they reach, what stops them."""

from __future__ import annotations

import http.server
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdf
import pytest

from oms.documents.pdf import HTML_LIMIT, Limits, PdfChild
from oms.errors import RenderFailed
from tests.specimens import net, snapshot_of

TEMPLATES = Path(__file__).parents[3] / "templates"
WHEN = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def shared_child() -> Iterator[PdfChild]:
    child = PdfChild([TEMPLATES])
    yield child
    child.close()


def write(child: PdfChild, body: str, *, identifier: str = "R-1") -> bytes:
    return child.write(
        f'<html lang="en"><head><title>T</title></head><body style="font-family: Inter">{body}</body></html>', identifier=identifier, created_at=WHEN
    )


def text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)


def fonts(pdf: bytes) -> set[str]:
    with pikepdf.open(BytesIO(pdf)) as document:
        return {str(thing.BaseFont).split("+")[-1] for thing in document.objects if isinstance(thing, pikepdf.Dictionary) and "/BaseFont" in thing}


def test_text_title_and_dates_stand_in_the_pdf(shared_child: PdfChild) -> None:
    pdf = shared_child.write(
        "<html lang=en><title>From HTML</title><p>Grüße, Zażółć, Γειά, Привет, Việt", identifier="R-1", created_at=WHEN, title="Invoice R-1"
    )
    reader = pypdf.PdfReader(BytesIO(pdf))
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.creation_date) == ("Invoice R-1", WHEN)
    assert "Grüße, Zażółć, Γειά, Привет, Việt" in text(pdf)


def test_only_inter_is_embedded_whatever_family_is_asked_for(shared_child: PdfChild) -> None:
    pdf = write(shared_child, '<p>a</p><p style="font: 700 9pt DejaVu Sans">b</p><p style="font: 600 9pt serif">c</p><code>d</code><i>e</i> 你好 🎉')
    assert {name.removeprefix("/").split("-")[0] for name in fonts(pdf)} == {"Inter"}


def test_a_character_without_a_glyph_is_logged(shared_child: PdfChild, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        write(shared_child, "<p>你</p>", identifier="R-7")
    assert any(record.message.startswith("R-7: ") and "你" in record.message for record in caplog.records)


class _Ear(http.server.BaseHTTPRequestHandler):
    heard: list[str] = []  # noqa: RUF012 - the class is the server's memory

    def do_GET(self) -> None:
        self.heard.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def loopback() -> Iterator[str]:
    _Ear.heard.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Ear)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


VECTORS = {
    "link attachment": '<link rel="attachment" href="{url}">',
    "a attachment": '<a rel="attachment" href="{url}">x</a>',
    "img": '<img src="{url}">',
    "import": "<style>@import url({url});</style>",
    "stylesheet": '<link rel="stylesheet" href="{url}">',
    "svg image": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="{url}" width="9" height="9"/></svg>',
    "svg xlink": '<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"><use xlink:href="{url}"/><image xlink:href="{url}"/></svg>',
    "object": '<object data="{url}">x</object>',
    "embed": '<embed src="{url}">',
    "font-face": "<style>@font-face {{ font-family: f; src: url({url}) }} p {{ font-family: f }}</style><p>x</p>",
    "base": '<base href="{url}/"><img src="relative.png">',
    "background": '<div style="background: url({url}); height: 9px">x</div>',
    "content": "<style>p::before {{ content: url({url}) }}</style><p>x</p>",
    "unquoted": "<div style=background:url({url});height:9px>x</div>",
    "list": '<ul style="list-style-image: url({url})"><li>x</ul>',
}


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_in_a_document_reaches_the_network_or_a_file(shared_child: PdfChild, loopback: str, tmp_path: Path, vector: str) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="99" height="9"><text y="9">TOPSECRET</text></svg>')
    pdfs = [
        write(shared_child, VECTORS[vector].format(url=url))
        for url in (f"{loopback}/x", secret.as_uri(), str(secret), "asset:../../../../etc/passwd", "data:text/plain,TOPSECRET")
    ]
    assert _Ear.heard == []
    for pdf in pdfs:
        assert pypdf.PdfReader(BytesIO(pdf)).attachments == {}
        assert "TOPSECRET" not in text(pdf)
        assert b"TOPSECRET" not in pdf


@pytest.mark.parametrize("vector", VECTORS)
def test_in_a_customers_name_it_is_a_name(shared_child: PdfChild, loopback: str, vector: str) -> None:
    name = VECTORS[vector].format(url=f"{loopback}/x")
    snapshot = snapshot_of(net())
    snapshot["buyer"]["name"] = name
    pdf = shared_child.invoice(snapshot, store="main", identifier="R-1", created_at=WHEN)
    assert _Ear.heard == []
    assert "".join(name.split())[:40] in "".join(text(pdf).split())


def test_an_asset_of_the_template_folders_is_found_the_shops_first(tmp_path: Path) -> None:
    for folder, width in (("shop", 40), ("shipped", 80)):
        (tmp_path / folder / "invoices").mkdir(parents=True)
        (tmp_path / folder / "invoices" / "logo.svg").write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="9"><rect width="{width}" height="9"/></svg>'
        )
    child = PdfChild([tmp_path / "shop", tmp_path / "shipped", TEMPLATES])
    pdf = pypdf.PdfReader(BytesIO(write(child, '<img src="asset:invoices/logo.svg">')))
    child.close()
    drawn = pdf.pages[0].get_contents()
    assert drawn is not None
    assert b"0 0 40 9 re" in drawn.get_data()


ENDLESS = "<table><tr><td colspan=1000000>x</td></tr></table>"


def test_a_document_that_never_ends_fails_alone_and_the_next_one_works() -> None:
    child = PdfChild([TEMPLATES], limits=Limits(cpu_seconds=1))
    with pytest.raises(RenderFailed, match=r"more than 1 s of computing|more memory"):
        write(child, ENDLESS * 20)
    assert "fine" in text(write(child, "<p>fine</p>"))
    child.close()


def test_the_wall_clock_ends_what_computes_too_little_to_be_noticed() -> None:
    child = PdfChild([TEMPLATES], limits=Limits(wall_seconds=1.5, cpu_seconds=60))
    with pytest.raises(RenderFailed, match=r"longer than 1\.5 s"):
        write(child, ENDLESS * 20)
    child.close()


def test_a_document_that_wants_too_much_memory_fails_alone() -> None:
    child = PdfChild([TEMPLATES], limits=Limits(memory_mb=260))
    with pytest.raises(RenderFailed, match=r"memory|died"):
        write(child, "<table>" + "<tr><td>x<td>x<td>x<td>x" * 20_000 + "</table>")
    assert "fine" in text(write(child, "<p>fine</p>"))
    child.close()


def test_a_child_that_is_killed_fails_one_document() -> None:
    child = PdfChild([TEMPLATES])
    write(child, "<p>x</p>")
    assert child._process is not None
    os.kill(child._process._child.pid, signal.SIGSEGV)
    with pytest.raises(RenderFailed, match=r"died \(SIGSEGV\)"):
        write(child, "<p>x</p>")
    assert "fine" in text(write(child, "<p>fine</p>"))
    child.close()


def test_a_child_is_replaced_after_so_many_documents() -> None:
    child = PdfChild([TEMPLATES], limits=Limits(documents=2))
    pids = []
    for _ in range(4):
        pids.append(child._process._child.pid if child._process else None)
        write(child, "<p>x</p>")
    assert child._process is None
    assert [pid is None for pid in pids] == [True, False, True, False]
    child.close()


def test_a_document_that_is_too_long_is_refused_at_once(shared_child: PdfChild) -> None:
    with pytest.raises(RenderFailed, match="too long"):
        write(shared_child, "x" * HTML_LIMIT)


def test_two_processes_of_other_folders_zones_and_hash_seeds_write_the_same_bytes(tmp_path: Path) -> None:
    """The child is started from another program each time; what that program is like must not show."""
    code = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from oms.documents.pdf import PdfChild
child = PdfChild([Path(sys.argv[1])])
html = '<html lang=de><title>R</title><style>p{font: 9pt Inter} b{font-weight:700}</style><p>Grüße <b>fett</b> <img src="asset:invoices/x.svg"></p>'
sys.stdout.buffer.write(child.write(html, identifier="R-1", created_at=datetime(2026, 11, 24, tzinfo=UTC)))
child.close()
"""
    results = []
    for number, (zone, seed) in enumerate((("Europe/Berlin", "1"), ("Pacific/Auckland", "4242"))):
        room = tmp_path / f"room-{number}" / ("deeper" * number)
        (room / "templates" / "invoices").mkdir(parents=True)
        (room / "templates" / "fonts").symlink_to(TEMPLATES / "fonts")
        (room / "templates" / "invoices" / "x.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="9"><rect width="40" height="9"/></svg>'
        )
        environment = os.environ | {"TZ": zone, "PYTHONHASHSEED": seed, "PYTHONPATH": str(TEMPLATES.parent), "TMPDIR": str(room)}
        results.append(
            subprocess.run([sys.executable, "-c", code, str(room / "templates")], cwd=room, env=environment, check=True, capture_output=True).stdout
        )
    assert results[0].startswith(b"%PDF-")
    assert results[0] == results[1]


def test_one_process_writes_the_same_bytes_twice(shared_child: PdfChild) -> None:
    assert write(shared_child, "<p>x <b>y</b></p>") == write(shared_child, "<p>x <b>y</b></p>")
    assert write(shared_child, "<p>x</p>") != write(shared_child, "<p>x</p>", identifier="R-2")


def test_a_style_that_is_read_once_looks_as_if_it_were_read_with_each_document(shared_child: PdfChild) -> None:
    css = (TEMPLATES / "invoices" / "invoice.css").read_text(encoding="utf-8")
    body = '<footer class="imprint">Imprint</footer><h1>Invoice</h1><table class="items"><tr><td style="color: red">1.00</td></tr></table>'
    once = f"<html><head><style>{css}</style></head><body>{body}</body></html>"
    each_time = once.replace("<head>", "<head><!-- read anew -->")
    pdfs = [shared_child.write(html, identifier="R-1", created_at=WHEN) for html in (once, each_time, once)]
    assert pdfs[0] == pdfs[1] == pdfs[2]


def test_what_is_wrong_with_a_style_that_is_read_once_is_told_once(shared_child: PdfChild, caplog: pytest.LogCaptureFixture) -> None:
    html = "<html><head><style>p { cups: 4 }</style></head><body><p>x</body></html>"
    for number in (1, 2):
        shared_child.write(html, identifier=f"R-{number}", created_at=WHEN)
    (told,) = [record.message for record in caplog.records if "cups: 4" in record.message]
    assert told.startswith("R-1: ")


@pytest.mark.parametrize(
    ("css", "body", "seen"),
    [
        ("@counter-style cups { system: cyclic; symbols: 'CUP'; suffix: ' ' } li { list-style: cups }", "<ul><li>of tea</ul>", "CUP"),
        ("p::before { content: 'CUP' !important }", "<style>p::before { content: 'POT' }</style><p> of tea", "CUP"),
        ("p::before { content: 'POT' }", "<style>p::before { content: 'CUP' }</style><p> of tea", "CUP"),
    ],
    ids=["counter style", "important", "two styles"],
)
def test_other_styles_stay_what_they_are(shared_child: PdfChild, css: str, body: str, seen: str) -> None:
    html = f"<html><head><style>{css}</style></head><body>{body}</body></html>"
    for _ in range(2):
        assert seen in text(shared_child.write(html, identifier="R-1", created_at=WHEN))


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "import socket; socket.getaddrinfo('localhost', 1)",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "import os; os.execv('/bin/true', ['true'])",
        "open('/tmp/oms-cage-test', 'w')",
        "import os; os.open('/tmp/oms-cage-test', os.O_CREAT | os.O_RDWR)",
    ],
)
def test_the_cage_refuses_sockets_processes_and_writes(attempt: str, tmp_path: Path) -> None:
    boot = "import socket, subprocess; from pathlib import Path; from oms.documents.cage import close_doors"
    code = f"{boot}; close_doors(Path({str(tmp_path)!r})); open({str(tmp_path / 'allowed')!r}, 'w').close(); {attempt}"
    done = subprocess.run([sys.executable, "-c", code], cwd=TEMPLATES.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "PermissionError: a document may not" in done.stderr
    assert (tmp_path / "allowed").exists()


def test_a_port_that_listens_is_seen_by_the_ear(loopback: str) -> None:
    """The vectors above would be heard: the listener works."""
    with socket.create_connection(("127.0.0.1", int(loopback.rpartition(":")[2]))) as connection:
        connection.sendall(b"GET /x HTTP/1.0\r\n\r\n")
        connection.recv(100)
    assert _Ear.heard == ["/x"]

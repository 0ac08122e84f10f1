"""What `oms check` finds in templates before one is rendered."""

from __future__ import annotations

from pathlib import Path

import pytest

from oms.documents.templates import Templates

TEMPLATES = Path(__file__).parents[3] / "templates"


def problems(tmp_path: Path, files: dict[str, str | bytes]) -> list[str]:
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [str(problem).replace(f"{tmp_path}/", "") for problem in Templates([tmp_path, TEMPLATES]).check()]


def test_the_shipped_templates_have_no_problem() -> None:
    assert Templates([TEMPLATES]).check() == []


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"mails/de/invoice.html": "<p>\n{{ order.reference }"}, "mails/de/invoice.html:2: unexpected '}'"),
        ({"mails/de/invoice.html": "\n\n{% for x in y %}"}, "mails/de/invoice.html:3: Unexpected end of template."),
        ({"invoices/invoice.html": "x\n{{ x | moneyy }}"}, "invoices/invoice.html:2: No filter named 'moneyy'"),
        ({"invoices/invoice.css": "{{"}, "invoices/invoice.css:1: unexpected 'end of template'"),
        ({"mails/de/invoice.html": '{% extends "mails/_gone.html" %}'}, "mails/de/invoice.html: uses mails/_gone.html, which isn't there."),
        ({"mails/de/invoice.html": '{% include "mails/_items.txt" %}'}, "mails/de/invoice.html: uses mails/_items.txt: plain text isn't escaped"),
        ({"mails/de/own.txt": "Subject: x\n"}, "mails/de/own.txt: needs own.html beside it"),
        ({"mails/de/own.html": "x"}, "mails/de/own.html: needs own.txt beside it"),
        ({"mails/de/invoice.txt": "Guten Tag"}, 'mails/de/invoice.txt:1: must begin with "Subject: …".'),
        ({"mails/de/invoice.html": b"\xff\xfe"}, "mails/de/invoice.html: is not UTF-8 (byte 0)."),
        ({"invoices/words.es.toml": 'title = "Factura"'}, "invoices/words.es.toml: lacks at_rate, "),
        (
            {"invoices/words.de.toml": "[credit_note]\ntitle = 1"},
            'invoices/words.de.toml: credit_note.title must be text, like credit_note.title = "…".',
        ),
        ({"papers/own.html": "\n{{ words.parcel }}"}, "papers/own.html:2: uses words.parcel, which no papers/words.….toml has."),
        ({"invoices/words.de.toml": "title = Rechnung"}, "invoices/words.de.toml: is no TOML: "),
        ({"invoices/words.de.toml": "title = 1"}, 'invoices/words.de.toml: title must be text, like title = "…".'),
    ],
)
def test_a_fault_is_found_at_its_place(tmp_path: Path, files: dict[str, str | bytes], expected: str) -> None:
    found = problems(tmp_path, files)
    assert [problem for problem in found if problem.startswith(expected)], found


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    assert len(problems(tmp_path, {"mails/de/invoice.html": "{{", "mails/en/invoice.html": "{%", "invoices/words.de.toml": "x"})) == 3


def test_a_file_that_is_no_template_is_left_alone(tmp_path: Path) -> None:
    assert problems(tmp_path, {"invoices/logo.svg": "{{", "README.md": "{{"}) == []

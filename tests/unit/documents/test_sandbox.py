"""What a template can't do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from oms.documents.pdf import Limits, PdfChild
from oms.documents.templates import Templates
from oms.errors import InvalidTemplate, RenderFailed


def render(folder: Path, source: str, **context: Any) -> str:
    (folder / "mails" / "en").mkdir(parents=True, exist_ok=True)
    (folder / "mails" / "en" / "t.txt").write_text("Subject: x\n\n")
    (folder / "mails" / "en" / "t.html").write_text(source)
    return Templates([folder]).mail("t", locale="en", context=context).html


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ order.__class__ }}",
        "{{ order.pop('a') }}",
        "{{ order.items() }}",
        "{{ names.append(1) }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler }}",
        "{{ range(9) }}",
        "{{ lipsum() }}",
        "{{ dict() }}",
        "{{ namespace() }}",
        "{{ 'x' * 300000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{0.__class__}'.format('x') }}",
        "{{ missing }}",
        "{{ order.missing.more }}",
        "{{ none.x }}",
        "{{ names | first | money('EUR') }}",
        "{{ 'yesterday' | date }}",
    ],
)
def test_a_template_that_tries_this_fails_with_a_sentence(tmp_path: Path, source: str) -> None:
    with pytest.raises(InvalidTemplate, match=r"mails/en/t\.html"):
        render(tmp_path, source, order={"a": 1}, names=["x"])


@pytest.mark.parametrize(
    "name",
    [
        "safe",
        "attr",
        "format",
        "random",
        "pprint",
        "xmlattr",
        "tojson",
        "urlize",
        "center",
        "indent",
        "wordwrap",
        "forceescape",
        "filesizeformat",
        "string",
    ],
)
def test_filters_that_could_do_harm_are_gone(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidTemplate, match=f"No filter named '{name}'"):
        render(tmp_path, f"{{{{ 'x' | {name} }}}}")


def test_keys_of_dicts_are_read_before_methods(tmp_path: Path) -> None:
    assert (
        render(
            tmp_path,
            "{% for item in order.items %}{{ item }}{% endfor %}{{ order.values }}{{ order['keys'] }}",
            order={"items": ["a", "b"], "values": "v", "keys": "k"},
        )
        == "abvk"
    )


def test_html_is_escaped_and_text_is_not(tmp_path: Path) -> None:
    assert render(tmp_path, '<b title="{{ x }}">{{ x }}</b>', x="\"<&>'") == '<b title="&#34;&lt;&amp;&gt;&#39;">&#34;&lt;&amp;&gt;&#39;</b>'
    (tmp_path / "mails" / "en" / "t.txt").write_text("Subject: {{ x }}\n\n{{ x }}")
    mail = Templates([tmp_path]).mail("t", locale="en", context={"x": "R&D <1>"})
    assert (mail.subject, mail.text) == ("R&D <1>", "R&D <1>\n")


def test_a_line_end_in_a_value_makes_no_second_subject_line(tmp_path: Path) -> None:
    render(tmp_path, "x")
    (tmp_path / "mails" / "en" / "t.txt").write_text("Subject: {{ x }}\n\ntext")
    mail = Templates([tmp_path]).mail("t", locale="en", context={"x": "a\r\nBcc: evil@example.net"})
    assert "\n" not in mail.subject


def test_a_mail_without_a_subject_is_an_error(tmp_path: Path) -> None:
    render(tmp_path, "x")
    (tmp_path / "mails" / "en" / "t.txt").write_text("Hello\n\ntext")
    with pytest.raises(InvalidTemplate, match=r"t\.txt:1: begins with \"Subject: …\""):
        Templates([tmp_path]).mail("t", locale="en", context={})


BOMBS = {
    "loops": "{% for a in l %}{% for b in l %}{% for c in l %}{% for d in l %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
    "memory": "{% set x = l | join %}{% for i in l %}{% for j in l %}{% for k in l %}{{ x }}{% endfor %}{% endfor %}{% endfor %}",
    "recursion": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_dies_in_the_child_and_the_next_mail_works(tmp_path: Path, bomb: str) -> None:
    (tmp_path / "mails" / "en").mkdir(parents=True)
    for name, source in (("bomb", BOMBS[bomb]), ("fine", "fine")):
        (tmp_path / "mails" / "en" / f"{name}.txt").write_text("Subject: x\n\n")
        (tmp_path / "mails" / "en" / f"{name}.html").write_text(source)
    child = PdfChild([tmp_path], limits=Limits(cpu_seconds=1, memory_mb=300))
    with pytest.raises(RenderFailed, match=r"computing|memory|[Rr]ecursion"):
        child.mail("bomb", locale="en", context={"l": list(range(500))})
    assert child.mail("fine", locale="en", context={}).html == "fine"
    child.close()

"""Nothing that is printed or mailed stands in one language only, and no template holds a word itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from oms.documents.words import read_words

TEMPLATES = Path(__file__).parents[3] / "templates"
LANGUAGES = ("de", "en", "fr")
KINDS = ("invoices", "papers", "mails")
SHARED = [*sorted(path.relative_to(TEMPLATES) for kind in KINDS for path in (TEMPLATES / kind).glob("*.html")), Path("mails/_imprint.txt")]


def words(kind: str, language: str) -> dict[str, str]:
    return read_words(TEMPLATES / kind / f"words.{language}.toml")


@pytest.mark.parametrize("kind", KINDS)
def test_each_language_has_the_same_words_with_the_same_places_to_fill(kind: str) -> None:
    said = {language: {name: sorted(re.findall(r"\{\w*\}", word)) for name, word in words(kind, language).items()} for language in LANGUAGES}
    assert said["en"]
    for language in LANGUAGES:
        assert said[language] == said["en"]
        assert all(word.strip() for word in words(kind, language).values())


def test_each_language_has_the_same_mails() -> None:
    names = {language: sorted(path.name for path in (TEMPLATES / "mails" / language).iterdir()) for language in LANGUAGES}
    assert names["de"] == names["en"] == names["fr"]
    assert "credit_note.html" in names["en"]


def test_each_mail_is_told_the_same_in_each_language() -> None:
    """What is filled in, and when, does not depend on the language."""
    for path in (TEMPLATES / "mails" / "en").iterdir():
        told = {language: asked_for((TEMPLATES / "mails" / language / path.name).read_text("utf-8")) for language in LANGUAGES}
        assert told["de"] == told["en"] == told["fr"], path.name


def asked_for(source: str) -> set[str]:
    return set(re.findall(r"\b(?:order|invoice|credit_note|seller|customer|event)\.\w+", source))


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_is_kept_that_nobody_prints(kind: str) -> None:
    """Papers share pieces, so a word of one kind may be asked for in the folder of another."""
    sources = [path.read_text("utf-8") for folder in KINDS for path in (TEMPLATES / folder).rglob("*") if path.suffix in {".html", ".txt"}]
    used = {name for source in sources for name in re.findall(r"words\.(\w+)", source)}
    assert {name.rpartition(".")[2] for name in words(kind, "en")} - used == set()


@pytest.mark.parametrize("template", SHARED, ids=str)
def test_a_template_that_all_languages_share_holds_no_word(template: Path) -> None:
    assert literal_words((TEMPLATES / template).read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Total {{ x }}</p>", ["Total"]),
        ("<style>p { color: red }</style><p>{{ words.total }}: {# a comment #}·</p>", []),
        ('<img alt="Logo" src="asset:x">', ["Logo"]),
        ("<p>{{ x or 'none' }}</p>", ["none"]),
        ("{% if a == 'credit_note' %}<b>{{ a ~ 'owed' }}</b>{% endif %}", ["owed"]),
        ('{{ fact("Total", x) }}', ["Total"]),
        ('{% set title = "Delivery note" %}', ["Delivery note"]),
    ],
)
def test_a_word_in_a_template_would_be_found(source: str, found: list[str]) -> None:
    assert literal_words(source) == found


READ_ALOUD = {"alt", "title", "aria-label", "content", "placeholder"}
NOT_READ = {"utf-8", "width=device-width", "light dark", "author", "viewport", "color-scheme"}


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.is_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_style = tag == "style"
        self.found += [value for name, value in attrs if name in READ_ALOUD and value and value not in NOT_READ]

    def handle_endtag(self, tag: str) -> None:
        self.is_style = self.is_style and tag != "style"

    def handle_data(self, data: str) -> None:
        if not self.is_style:
            self.found.append(data)


def literal_words(source: str) -> list[str]:
    """What a reader would see that comes from no file of words: in the HTML, or as a text inside of {{ … }}."""
    html = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", " ", source, flags=re.DOTALL)
    reader = _Texts()
    reader.feed(html)
    tree = Environment(autoescape=True).parse(source)
    parts: list[nodes.Node] = [part for output in tree.find_all(nodes.Output) for part in output.nodes]
    parts += [kept.node for kept in tree.find_all(nodes.Assign)]
    parts += [block.call for block in tree.find_all(nodes.CallBlock)]
    printed = [str(each.value) for part in parts for each in _said(part)]
    return [text.strip() for text in (*reader.found, *printed) if re.search(r"[^\W\d_]", text) and not _is_markup(text)]


def _said(node: nodes.Node) -> list[nodes.Const]:
    """The texts of an expression that can be printed: not those that are compared, or that a filter or `in` takes."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return [node]
    if isinstance(node, nodes.Compare | nodes.TemplateData):
        return []
    if isinstance(node, nodes.Filter):
        return _said(node.node) if node.node else []
    if isinstance(node, nodes.CondExpr):
        return [*_said(node.expr1), *(_said(node.expr2) if node.expr2 else [])]
    return [text for inner in node.iter_child_nodes() for text in _said(inner)]


def _is_markup(text: str) -> bool:
    """A class of a row."""
    return text in {"strong", "last", "rule", "due", "home"}

"""Whatever the house says to somebody in the back office is said in every language of its pages."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from oms.backoffice.rendering import LOCALES, words_in
from oms.backoffice.sentences import sentence_in
from oms.documents.words import read_words
from oms.rights import RIGHTS
from tests.architecture.sources import ROOT, Source, modules

CATALOGUES = ROOT / "templates" / "backoffice"
OTHERS = [locale for locale in LOCALES if locale != "en"]
ELSEWHERE = {
    "oms.api": "programs read them; what pages share with it is named in HERE",
    "oms.bookkeeping.client": "written by the command line",
    "oms.bookkeeping.columns": "written by the command line",
    "oms.bookkeeping.datev": "written by the command line",
    "oms.bootstrap": "said at the start",
    "oms.cli": "the command line",
    "oms.crew": "the command line",
    "oms.demo": "the command line",
    "oms.documents.checking": "files of a shop, by `oms check`",
    "oms.documents.templates": "files of a shop, by `oms check`",
    "oms.documents.words": "files of a shop, by `oms check`",
    "oms.documents.mail.letter": "a fault of the program",
    "oms.documents.mail.mailer": "a fault of the program",
    "oms.documents.mail.settings": "said at the start",
    "oms.documents.pdf_child": "a fault of the program",
    "oms.documents.stock": "a fault of the program",
    "oms.documents.validator_child": "a fault of the program",
    "oms.engine.alerts": "a mail to who runs the shop",
    "oms.engine.asking": "a fault of a program that calls",
    "oms.engine.erasable": "the command line and programs",
    "oms.engine.erasing": "the command line and programs",
    "oms.engine.importing": "the command line",
    "oms.engine.linking": "customers, in the store's words",
    "oms.engine.place": "programs that place orders",
    "oms.engine.processes": "said at the start",
    "oms.engine.reprinting": "the command line",
    "oms.engine.series": "the command line",
    "oms.engine.verifying": "the command line; gaps in the numbers are named in HERE",
    "oms.extensions": "said at the start",
    "oms.invoicing.codes": "what stands on papers",
    "oms.invoicing.exemptions": "what stands on papers",
    "oms.invoicing.shares": "a fault of the program",
    "oms.links": "customers, in the store's words",
    "oms.lookup.customer": "the shop's customer page",
    "oms.lookup.doctor": "who runs the server",
    "oms.lookup.export": "the command line and programs",
    "oms.lookup.readiness": "who runs the server",
    "oms.lookup.reaching": "who runs the server",
    "oms.money": "named in HERE; the rest is a fault of the program",
    "oms.orders.agreement": "programs that place orders",
    "oms.orders.canonical": "a fault of the program",
    "oms.orders.document": "programs that place orders",
    "oms.orders.lines": "programs that place orders",
    "oms.orders.raw": "programs that place orders",
    "oms.orders.section": "programs that place orders; what corrections share with them is named in HERE",
    "oms.orders.terms": "programs that place orders",
    "oms.orders.vatex": "programs that place orders",
    "oms.ports.keys": "a fault of the program",
    "oms.process": "files of a shop, by `oms check`",
    "oms.providers": "messages of payment providers; what they refuse is named in HERE",
    "oms.resources": "said at the start",
    "oms.server": "the command line",
    "oms.settings": "said at the start",
    "oms.store": "the database's own; what is missing in it is named in HERE",
    "oms.telemetry": "the log",
    "oms.worker": "the command line",
}
"""Modules whose sentences nobody meets in the back office, and who does."""
HERE = {
    "oms.api.entry",
    "oms.api.papers",
    "oms.api.requests",
    "oms.providers.fake",
    "oms.providers.stripe.interface",
    "oms.store.accounts",
    "oms.store.archive",
    "oms.store.bulk",
    "oms.store.endpoints",
    "oms.store.inbox",
    "oms.store.jobs",
    "oms.store.mails",
    "oms.store.orders",
    "oms.store.papers",
    "oms.store.payments",
}
"""Those below them whose sentences are met all the same."""
SAMPLES = (
    "write the amount with a dot and without signs of thousands, like 1234.50.",
    "has 3 decimals, EUR has 2: like 1234.50.",
    "is more than 9999999999.99 EUR, the largest amount.",
    'is missing: add "name": "Jana Novak".',
    "must be a text, found a number.",
    "Number 7 is missing.",
    "The numbers 7 to 9 are missing.",
    'Waits for the engine: "make_pdf" is to be done in 2m 3s.',
    '"make_pdf" failed: The document can\'t be made: it took longer than 60 s. Tried 3 of 8 times; again in 2m 3s.',
    '"make_pdf" is given up after 8 tries: No. Mend that, then: oms order retry A-1. If it was settled elsewhere: oms order skip A-1 --reason "…".',
    'The mail "invoice" to the customer is not delivered: 550 no. Mend the address by oms order correct, then: oms invoice send.',
    "The mail server mx.example:587 refuses the login: 535 no. Check mail.smtp.user and its password.",
    "line 3: has no reference.",
    "cursor: is no cursor of this list: take `next` of the page before, as it is.",
    'The order is held: no stock. To go on: oms order release A-1 --reason "…".',
    '50.00 EUR are paid, 40.00 are due: 10.00 too much. Give it back, then: oms order record-refund A-1 --reference "…".',
    '"tx_1" of stripe for A-1 was not booked: it is in USD, the order in EUR See: oms inbox show 3',
    '"issue" failed: The billing address of order A-1 lacks street, so nothing is issued. Mend it: oms order correct. Tried 3 of 8 times; again now.',
    "https://a.example/ is told nothing any more: No. Mend that, then: oms webhook enable 3. What it missed: oms webhook resend 3 --since TIME.",
    "WeasyPrint can't be loaded here (OSError: no). `oms doctor` says what is missing.",
    "q: String should have at most 200 characters.",
)
"""What is put together from several parts, and what is said by modules of which pages meet some sentences only."""
COMMAND = re.compile(r"\boms (?!answers|that|did)[a-z]+")
SERVER = {"en": "server", "de": "Server"}
KINDS = (
    "late, given up, endless chain, job died, effect without followers, outcome unknown, not printed, mail not made, mail lane down, "
    "mail not delivered, overpaid, refund failed, message not applied, message not read, e-invoice, webhook disabled, "
    "webhook not delivered, alert failed"
)


def is_met(module: Source) -> bool:
    return module.name in HERE or not any(module.name == name or module.name.startswith(f"{name}.") for name in ELSEWHERE)


def said_in(module: Source) -> Iterator[str]:
    """Its literals that are sentences: they end in a full stop, and are neither docstrings nor written to the log."""
    apart = {id(part) for node in ast.walk(module.tree) for part in _apart(node)}
    for node in ast.walk(module.tree):
        if id(node) not in apart and isinstance(node, ast.Constant | ast.JoinedStr):
            yield from (sample.strip() for sample in samples(node) if sample.endswith(".") and sample.count(" ") > 1)


def _apart(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.JoinedStr):
        yield from (part for part in ast.walk(node) if part is not node)
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
        yield from ast.walk(node)


def samples(node: ast.expr) -> list[str]:
    """What the literal may say, with a name wherever something is filled in."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(parts) for parts in itertools.product(*map(samples, node.values))]
    if isinstance(node, ast.FormattedValue):
        return [text for text in samples(node.value) if text] or ["<name>"]
    if isinstance(node, ast.IfExp):
        return [*samples(node.body), *samples(node.orelse)]
    return []


@pytest.mark.parametrize("locale", OTHERS)
@pytest.mark.parametrize("module", [module for module in modules() if is_met(module)], ids=lambda module: module.name)
def test_every_sentence_that_the_back_office_meets_is_said_in_its_languages(module: Source, locale: str) -> None:
    assert [sentence for sentence in said_in(module) if sentence_in(locale, sentence) == sentence] == []


@pytest.mark.parametrize("locale", OTHERS)
@pytest.mark.parametrize("sentence", [*SAMPLES, *KINDS.split(", "), *RIGHTS.values()])
def test_what_is_put_together_is_said_in_its_languages(sentence: str, locale: str) -> None:
    assert sentence_in(locale, sentence) != sentence


@pytest.mark.parametrize("locale", OTHERS)
def test_a_translation_fills_in_what_the_sentence_has(locale: str) -> None:
    pairs = read_words(CATALOGUES / f"sentences.{locale}.toml")
    places = {english: [name for _, name, *_ in Formatter().parse(english) if name is not None] for english in pairs}
    assert [english for english, names in places.items() if len(set(names)) < len(names) or not all(map(str.isidentifier, names))] == []
    used = {english: {name for _, name, *_ in Formatter().parse(there) if name is not None} for english, there in pairs.items()}
    assert [english for english, names in used.items() if not names <= set(places[english])] == []
    assert [english for english in pairs if "{{" in english or "}{" in english] == []


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("module", [module for module in modules() if is_met(module)], ids=lambda module: module.name)
def test_a_page_names_its_buttons_and_commands_only_for_the_server(module: Source, locale: str) -> None:
    told = [sentence_in(locale, sentence) for sentence in [*said_in(module), *SAMPLES]]
    assert [each for each in told if COMMAND.search(each) and SERVER[locale] not in each] == []


@pytest.mark.parametrize(("locale", "mark"), [("en", r"“([^”{]+)”"), ("de", r"„([^“{]+)“")])
def test_a_button_that_a_sentence_names_is_on_the_pages(locale: str, mark: str) -> None:
    pairs = read_words(CATALOGUES / f"sentences.{locale}.toml")
    named = {button for english, said in pairs.items() if COMMAND.search(english) for button in re.findall(mark, said)}
    assert named - set(words_in(locale).values()) == set()
    assert len(named) > 3

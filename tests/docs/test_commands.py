"""Every fenced block of README and docs is executed in a fresh clone, document by document, from top to bottom. There are no exceptions."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from ruamel.yaml import YAML

from tests.architecture.sources import ROOT
from tests.cases import rarely
from tests.docs.blocks import Block, blocks_of
from tests.docs.clone import clone, environment
from tests.docs.session import Session
from tests.postgres import Server

DOCUMENTS = [path.relative_to(ROOT).as_posix() for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])]
EXECUTED = {"sh", "console", "python", "diff"}
#: how it is seen that a block is what it says it is
READERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "toml": tomllib.loads,
    "xml": ET.fromstring,
    "yaml": lambda text: YAML(typ="safe").load(io.StringIO(text)),
}
ONLY_SHOWN = {"html", "mermaid", "text"}


def blocks(document: str) -> list[Block]:
    return blocks_of(ROOT / document, name=document)


LONG = frozenset(
    f"docs/{name}.md"
    for name in (
        "accounts",
        "api",
        "bookkeeping",
        "invoices",
        "operations",
        "payments",
        "postgresql",
        "privacy",
        "python",
        "scale-out",
        "templates",
        "webhooks",
    )
)


def executed() -> list[object]:
    """All that hold blocks; of those that take longest and are like others, `./run test all` alone executes some."""
    told = [name for name in DOCUMENTS if blocks(name)]
    return [*(name for name in told if name not in LONG), *rarely(*sorted(LONG.intersection(told)))]


@pytest.mark.parametrize("document", executed())
def test_what_a_document_says_happens(document: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    folder = clone(tmp_path / "oms")
    python = folder / ".venv" / "bin" / "python"
    server = request.getfixturevalue(SERVERS[document]).environment if document in SERVERS else {}
    Session(folder, environment(folder) | server, python=str(python)).execute(blocks(document))


SERVERS = {"docs/postgresql.md": "server", "docs/scale-out.md": "hosts"}
"""Whose readers have a PostgreSQL, too; that of the second one is reached from the hosts of `scripts/hosts`."""


@pytest.fixture
def hosts() -> Iterator[Server]:
    """Three hosts, where this machine lets us make them, and a server that they reach."""
    script = ROOT / "scripts" / "hosts"
    subprocess.run([script, "up", "3"], check=True, capture_output=True)
    server = Server(reach="10.213.47.0/24")
    yield server
    server.remove()
    subprocess.run([script, "down"], check=True, capture_output=True)


@pytest.mark.parametrize("block", [block for name in DOCUMENTS for block in blocks(name)], ids=str)
def test_every_block_says_what_it_is(block: Block) -> None:
    assert block.language in EXECUTED | READERS.keys() | ONLY_SHOWN, f"{block}: name the language, e.g. sh, console, python, yaml, text"
    if reader := READERS.get(block.language):
        reader(block.text)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file(document: str) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", (ROOT / document).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / document).parent.joinpath(link).exists()] == []

"""`--help` teaches: every command says what it does, and shows how it is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from oms import __version__
from oms.cli.app import app
from tests.acceptance.cli.calling import Caller


def commands(group: TyperGroup, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], TyperCommand]]:
    """Every command with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, (*path, name))
        elif isinstance(command, TyperCommand):
            yield (*path, name), command


def _every_command() -> dict[tuple[str, ...], TyperCommand]:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return dict(commands(group))


COMMANDS = _every_command()
EVERY_COMMAND = pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
NOBODY = Caller(Path("/nowhere"))


def test_the_commands_of_the_house_are_there() -> None:
    assert {" ".join(words) for words in COMMANDS} == {
        *("init", "doctor", "work", "hold", "release", "backup", "trail", "demo", "history", "check", "deploy", "graph", "schema"),
        "versions",
        "source",
        *("payment record", "payment import"),
        *("db upgrade", "db copy", "prune", "config show"),
        *(
            f"order {word}"
            for word in ("place", "import", "show", "list", "trigger", "correct", "hold", "release", "retry", "record-refund", "skip", "paper")
        ),
        *(
            f"invoice {word}"
            for word in (
                "list",
                "sums",
                "show",
                "pdf",
                "preview",
                "printed",
                "send",
                "gaps",
                "verify",
                "issue",
                "credit",
                "cancel",
                "xml",
                "validate",
                "export",
                "csv",
                "datev",
                "link",
                "fetch",
            )
        ),
        *("customer export", "customer erase"),
        *(f"webhook {word}" for word in ("add", "list", "show", "rotate", "enable", "remove", "ping", "resend")),
        *("user create", "user invite", "user list", "user role", "user password", "user close"),
        *(
            "events import",
            "inbox list",
            "inbox show",
            "inbox retry",
            "serve",
            "key create",
            "key list",
            "key revoke",
            "key rights",
        ),
        *("series list", "series start", "mail list", "mail retry", "incident list", "incident close"),
    }


@EVERY_COMMAND
def test_a_commands_help_shows_how_it_is_called_at_80_columns(words: tuple[str, ...]) -> None:
    said = NOBODY(*words, "--help")
    assert (said.code, said.err) == (0, "")
    assert f"oms {' '.join(words)}" in said.out.partition("Example")[2]
    assert max(map(len, said.out.splitlines())) <= 80
    assert "\x1b" not in said.out


@pytest.mark.parametrize("words", sorted(set(COMMANDS) - {("serve",)}), ids=" ".join)
def test_every_command_that_comes_to_an_end_prints_json_for_programs(words: tuple[str, ...]) -> None:
    options = {option for parameter in COMMANDS[words].params for option in parameter.opts}
    assert "--json" in options


@EVERY_COMMAND
def test_the_examples_of_a_command_name_only_options_that_it_has(words: tuple[str, ...]) -> None:
    examples = [line for line in (COMMANDS[words].help or "").splitlines() if f"oms {' '.join(words)}" in line]
    own = {option for parameter in COMMANDS[words].params for option in parameter.opts + parameter.secondary_opts}
    named = {option for line in examples for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line.partition(" ".join(words))[2])}
    assert named <= own


def test_a_group_that_is_called_without_a_command_shows_its_help_and_nothing_else() -> None:
    said = NOBODY("order")
    assert (said.code, said.err) == (2, "")
    assert "trigger" in said.out


def test_the_version_is_told() -> None:
    assert NOBODY("--version").out == f"oms {__version__}\n"

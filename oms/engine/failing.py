"""How a hop fails, as data."""

from __future__ import annotations

from dataclasses import dataclass

from oms.errors import OmsError, Permanent

HopKey = tuple[str | None, str, tuple[int, ...]]
"""Event, target and items: finds the same hop again in a second transaction."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a hop failed."""

    sentence: str
    permanent: bool  #: no repetition mends it


class HopFailed(Exception):
    """The first hop of a trigger failed outside a savepoint: roll back, and run again knowing it (rule 13)."""

    def __init__(self, key: HopKey, failure: Failure) -> None:
        self.key, self.failure = key, failure
        super().__init__(failure.sentence)


def failure_of(error: BaseException) -> Failure:
    """What stands in the history: our own sentences as they are, anything else with the name of its class."""
    cause = getattr(error, "orig", None) or error  # a database's own words, without the statement
    sentence = _said(error) if isinstance(error, OmsError) else f"{type(cause).__name__}: {_said(cause)}"
    return Failure(sentence[:500], isinstance(error, Permanent))


def missing_here(what: str, name: str) -> Permanent:
    """A word of the process that this program doesn't know; it reads the modules of the shop when it starts.

    Args:
        what: As the sentence begins: `The command`.
        name: Its own.
    """
    mend = "name the module that has it in [extensions], then, on the server, start oms serve and oms work again."
    return Permanent(f'{what} "{name}" is missing from this installation: {mend}')


def closed(text: str) -> str:
    """The text as a sentence that others may follow."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _said(error: BaseException) -> str:
    """An error's own words, as far as a database takes them: half characters and NULs may stand in them, or they can't be told at all."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an error of a shop may fail like anything else
        return "it can't be told what it says"
    return text.encode("utf-8", "replace").decode().replace("\0", "?")

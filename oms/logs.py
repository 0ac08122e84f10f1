"""Lines of the log: JSON for machines, text for a terminal. An event is one line of JSON, whatever stands in it; secrets and addresses are hidden.

The house logs with Python's `logging`; what is known of the request, order or job at hand (`oms.tracing`) is added here.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import cached_property
from typing import Any, Literal

from oms.tracing import known

Form = Literal["auto", "json", "text"]
"""`auto`: text in a terminal, else JSON."""

_LONGEST = 20_000  # characters of one text
_HIDDEN = (
    (re.compile(r"oms_[A-Za-z0-9_-]{16,}"), "oms_***"),
    (re.compile(r"\b(whsec|sk_live|sk_test|rk_live|rk_test)_[A-Za-z0-9+/=_-]+"), r"\1_***"),
    (re.compile(r"\b(bearer|basic)\s+[^\s\"',]+", re.IGNORECASE), r"\1 ***"),
    (re.compile(r"\b(password|secret|token|api_key)(\W{1,4})[^\s\"',&;)]+", re.IGNORECASE), r"\1\2***"),
    (re.compile(r"(?<=://)[^/@\s]{1,200}:[^/@\s]{1,200}(?=@)"), "***"),
    (re.compile(r"([^\s<>\"',;:@/()\[\]{}=*])[^\s<>\"',;:@/()\[\]{}=]{0,200}@([\w-]{1,63}(?:\.[\w-]{1,63})+)"), r"\1***@\2"),
)
"""What is never shown, and what stands there instead: keys, what a header lets in by, passwords, most of a mail address."""


def hidden(text: str) -> str:
    """The text without secrets, and with mail addresses as `j***@example.com`."""
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    for pattern, instead in _HIDDEN:
        text = pattern.sub(instead, text)
    return text


def set_up(form: Form, *, level: int) -> None:
    """Let all lines of this process go to standard error in this form.

    Args:
        form: How they are written.
        level: Of the house's own lines; of libraries only warnings are shown.
    """
    is_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(is_json=is_json))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("oms").setLevel(level)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that a tick is still at it when its time comes again is no news
    logging.getLogger("procrastinate").setLevel(logging.WARNING)  # the job's own row says what came of it


class Lines(logging.Formatter):
    """Writes a record as a line. structlog is loaded at the first one: most commands log nothing."""

    def __init__(self, *, is_json: bool) -> None:
        super().__init__()
        self._is_json = is_json

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        return self._chain.format(record)

    @cached_property
    def _chain(self) -> logging.Formatter:
        import structlog  # noqa: PLC0415 - see above

        steps = structlog.stdlib
        first: list[Any] = [
            steps.ExtraAdder(),
            steps.add_log_level,
            _with_what_is_known,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        ]
        write: Any = structlog.processors.JSONRenderer(default=str) if self._is_json else _text
        rest = [steps.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info, _ordered, write]
        return steps.ProcessorFormatter(foreign_pre_chain=first, processors=rest)


def _with_what_is_known(_logger: object, _method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What is known here; what the line itself says goes before."""
    for name, value in known().items():
        said.setdefault(name, value)
    record: logging.LogRecord = said["_record"]
    said["logger"] = record.name
    return said


def _ordered(_logger: object, _method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Time, level and event first; nothing that is to be hidden."""
    first = {name: said[name] for name in ("time", "level", "event") if name in said}
    return {name: hidden(value) if isinstance(value, str) else value for name, value in {**first, **said}.items()}


def _text(_logger: object, _method: str, said: MutableMapping[str, Any]) -> str:
    """For people: `2026-11-30T09:00:00Z info answered route=/healthz`. Further lines of a trace are indented, so that none looks like an event."""
    time, level, event, trace = (str(said.pop(name, "")) for name in ("time", "level", "event", "exception"))
    said.pop("logger", None)
    words = [time, level, event, *(f"{name}={value}" for name, value in said.items())]
    lines = [" ".join(map(_printable, words)), *(f"    {_printable(line)}" for line in trace.splitlines())]
    return "\n".join(lines)


def _printable(text: str) -> str:
    """Control characters, half characters and what turns the direction of writing, as escapes."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape", "surrogatepass").decode("ascii") for character in text
    )

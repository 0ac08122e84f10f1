"""What stands in addresses: numbers of papers, which may hold slashes, references of orders, names of processes."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Path
from starlette.convertors import Convertor, register_url_convertor


class NumberConvertor(Convertor[str]):
    """A paper's number, as `number_format` may write it; what follows it in an address is in small letters."""

    regex = "[A-Z0-9/-]+"

    def convert(self, value: str) -> str:
        """As it stands there."""
        return value

    def to_string(self, value: str) -> str:
        """As it stands in an address."""
        return quote(value, safe="")


class ProcessConvertor(Convertor[str]):
    """A process's name. `check` is what is done with one that isn't deployed yet."""

    regex = "(?!check(?:/|$))[^/]+"

    def convert(self, value: str) -> str:
        """As it stands there."""
        return value

    def to_string(self, value: str) -> str:
        """As it stands in an address."""
        return quote(value, safe="")


register_url_convertor("paper", NumberConvertor())
register_url_convertor("process", ProcessConvertor())

Number = Annotated[
    str,
    Path(
        description="A slash in it is written as %2F.",
        examples=["RE-2026-00001"],
        json_schema_extra={"pattern": "^[A-Z0-9-][A-Z0-9/-]{0,38}[A-Z0-9]$"},
    ),
]
"""Of an issued paper; in the route's path it is `{number:paper}`."""

ProcessName = Annotated[str, Path(description="The process.", examples=["prepayment"])]
"""In the route's path it is `{name:process}`."""


def at(*parts: str) -> str:
    """An address of the API."""
    return "/".join(["/api/v1", *(quote(part, safe="") for part in parts)])

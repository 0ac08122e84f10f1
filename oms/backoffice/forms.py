"""Forms as browsers post them (`application/x-www-form-urlencoded`): read to a limit, as texts. What they mean is seen where they are used."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import Request

from oms.api.bodies import read_body
from oms.errors import Unreadable

LARGEST = 64 * 1024
MOST_FIELDS = 500
KIND = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed and chosen."""

    pairs: tuple[tuple[str, str], ...] = ()

    def one(self, name: str) -> str:
        """The last one of this name, without the spaces around it; empty: there is none."""
        return next((value.strip() for key, value in reversed(self.pairs) if key == name), "")

    def said(self, name: str) -> str | None:
        """The same; None: nothing was typed."""
        return self.one(name) or None

    def every(self, name: str) -> list[str]:
        """All of this name."""
        return [value for key, value in self.pairs if key == name]

    def below(self, prefix: str) -> dict[str, str]:
        """What stands behind a prefix in the name, to what was typed: `field.amount` → `amount`."""
        return {key.removeprefix(prefix): value.strip() for key, value in self.pairs if key.startswith(prefix)}


def plain_amount(typed: str) -> str:
    """`168,80` as `168.80`: people type what stands on paper. What has both a comma and a dot stays as it is, and is refused."""
    return typed.replace(",", ".") if typed.count(",") == 1 and "." not in typed else typed


def is_small(request: Request) -> bool:
    """Whether it holds what somebody typed, and no file."""
    size, kind = request.headers.get("content-length", ""), request.headers.get("content-type", "")
    return kind.startswith(KIND) and size.isdigit() and int(size[:9]) <= LARGEST


async def form_of(request: Request) -> Form:
    """A dependency: the form of a request.

    Raises:
        TooLarge: it has more than 64 KB.
        Unreadable: it is no form of ours.
    """
    known: Form | None = getattr(request.state, "form", None)
    if known is None:
        raw = await read_body(request, limit=LARGEST)
        try:
            pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError as error:
            raise Unreadable("The form can't be read: it isn't UTF-8, or has too many fields.") from error
        known = request.state.form = Form(tuple((key, value.replace("\r\n", "\n")) for key, value in pairs))
    return known

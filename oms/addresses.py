"""Mail addresses and headers: what may stand in them. Nothing is looked up."""

from __future__ import annotations

import re

FORBIDDEN = frozenset("\r\n\0\v\f\x1c\x1d\x1e\x85\u2028\u2029")
"""Whatever some program takes for the end of a line, and NUL: in a header it would begin another one (S41)."""

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", re.ASCII)

_ELECTRONIC = re.compile(r"(\d{4}|A[NQSU]|EM):[A-Za-z0-9@._:+/-]{1,80}", re.ASCII)


def wire_address(text: str) -> str | None:
    """The address as it travels, its domain in ASCII (IDNA); None when this isn't exactly one plain address.

    Names, lists, comments, blanks and quoted parts are none. Before the @ only ASCII: not every server on the way speaks
    SMTPUTF8, and a mail that may or may not arrive is worse than one that is refused at once.
    """
    local, at, domain = text.rpartition("@")
    try:
        wire = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    if not at or len(local) > 64 or len(wire) > 253 or _LOCAL.fullmatch(local) is None or _DOMAIN.fullmatch(wire) is None:  # noqa: PLR2004 - RFC 5321, 4.5.3.1
        return None
    return f"{local}@{wire}"


def is_address(text: str) -> bool:
    """Whether this is exactly one plain mail address."""
    return wire_address(text) is not None


def is_electronic_address(text: str) -> bool:
    """Whether this is where e-invoices go: a scheme of the European list (EAS) and what identifies somebody in it, `0204:991-12345-06`."""
    return _ELECTRONIC.fullmatch(text) is not None

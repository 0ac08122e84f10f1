"""XML as text: elements of elements, empty ones left out, always the same bytes."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

_NO_CHARACTERS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What Unicode and databases hold, and XML 1.0 does not: control characters, half characters, U+FFFE and U+FFFF."""


class Markup(str):
    """Text that is XML already."""

    __slots__ = ()


def element(name: str, /, *content: str | None, **attributes: str) -> Markup:
    """An element. Plain text is escaped, `Markup` stays; without content there is no element.

    Args:
        name: With its prefix.
        content: Text and elements; None and nothing are left out.
        attributes: As they are written.
    """
    inner = "".join(part if isinstance(part, Markup) else escape(_known(part)) for part in content if part)
    if not inner:
        return Markup()
    said = "".join(f" {key}={quoteattr(_known(value))}" for key, value in attributes.items())
    return Markup(f"<{name}{said}>{inner}</{name}>")


def _known(text: str) -> str:
    """One such character would make all of the document unreadable."""
    return _NO_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", text)


def document(root: str, namespaces: dict[str, str], *content: str | None) -> bytes:
    """A whole document, UTF-8.

    Args:
        root: The name of its element.
        namespaces: Prefix to URI; the empty prefix is the default.
        content: As for `element`.
    """
    inner = "".join(part for part in content if part)
    said = "".join(f' xmlns{":" if prefix else ""}{prefix}="{uri}"' for prefix, uri in namespaces.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}{said}>{inner}</{root}>\n'.encode()

"""Writes the table of docs/order.md: every key of an order document, from the schema. What stands above the table is written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oms.api.order_schema import ORDER

TARGET = Path(__file__).parent.parent / "docs" / "order.md"
HEADING = "## Every key\n"
_LEFT_OUT = "left out: "
_MANY = 10
"""So many words of an enumeration are told; of more the description says which they are."""


def document(written: str) -> str:
    """The page with a fresh table."""
    by_hand, heading, _ = written.partition(HEADING)
    return f"{by_hand}{heading}\n" + "\n".join(["| key | is | left out | limits |", "|---|---|---|---|", *_rows(ORDER, "")]) + "\n"


def _rows(table: dict[str, Any], path: str) -> Iterator[str]:
    for name, schema in table["properties"].items():
        key, kind = f"{path}{name}", _inner(schema)
        meaning, _, default = schema.get("description", "").partition(_LEFT_OUT)
        default = "must be said" if name in table["required"] else default or "none"
        yield "| " + " | ".join((f"`{key}`", meaning.rstrip("; "), default, _limits(kind))) + " |"
        entries = _inner(kind.get("items", {}))
        yield from _rows(entries, f"{key}[].") if "properties" in entries else ()
        yield from _rows(kind, f"{key}.") if "properties" in kind else ()


def _inner(schema: dict[str, Any]) -> dict[str, Any]:
    """Without the null that stands for a key that is left out."""
    return next((each for each in schema.get("anyOf", ()) if each["type"] != "null"), schema)


def _limits(schema: dict[str, Any]) -> str:
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    example = f", as in `{shown}`" if (shown := next(iter(schema.get("examples", ())), None)) and isinstance(shown, str) else ""
    if words := [each for each in schema.get("enum", ()) if each is not None]:
        return " or ".join(f"`{each}`" for each in words) if len(words) <= _MANY else f"a text{example}"
    if kind == "integer":
        return f"a whole number from {schema['minimum']} to {schema['maximum']}, not 0"
    if kind == "array":
        return f"a list of {schema.get('minItems', 0)} to {schema['maxItems']} objects"
    if kind == "object":
        return "an object"
    return f"a text of at most {schema['maxLength']} characters{example}" if "maxLength" in schema else f"a text{example}"


def main() -> None:
    """Write it."""
    TARGET.write_text(document(TARGET.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

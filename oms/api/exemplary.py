"""Examples for the OpenAPI document: a value that a schema allows, with words that a reader knows from the other pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KNOWN: Mapping[str, Any] = {
    "order": "A-1001",
    "reference": "A-1001",
    "store": "main",
    "number": "RE-2026-00001",
    "customer": "Jana Novak",
    "name": "Jana Novak",
    "email": "jana@example.com",
    "currency": "EUR",
    "sku": "CUP-4",
    "state": "paid",
    "source": "payment pending",
    "from": "payment pending",
    "to": "paid",
    "target": "paid",
    "event": "pay",
    "actor": "key:webshop",
    "process": "prepayment",
    "template": "invoice",
    "text": "called back",
    "title": "Pay",
    "sentence": "A payment is awaited.",
    "reason": "the customer called",
    "initial": "new",
    "sha256": "2f1cb6ad1d6d1b5f0d2c0c0a3d5b0f5a1f0b9f6f0f3b8c1f2e7a9d4c6b8e0a12",
    "pdf_sha256": "2f1cb6ad1d6d1b5f0d2c0c0a3d5b0f5a1f0b9f6f0f3b8c1f2e7a9d4c6b8e0a12",
    "request_id": "9f1c2a7e",
    "link": "https://shop.example/documents/bWFpbg.c2lnbmVk",
    "id": "1",
}
_FORMATS: Mapping[str, str] = {"date-time": "2026-11-25T09:00:00Z", "date": "2026-11-25", "email": "jana@example.com", "uri": "https://shop.example/"}
_DEEPEST = 12


class Exemplary:
    """Makes examples; it knows the schemas that others name."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas

    def of(self, schema: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:
        """One value that is allowed."""
        schema = self._resolved(schema)
        for key in ("example", "const", "default"):
            if key in schema and (key != "default" or schema[key] not in (None, [], {}, "")):
                return schema[key]
        for key in ("examples", "enum"):
            if schema.get(key):
                return schema[key][0]
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return self._first(schema[key], name, depth)
        return self._by_type(schema, name, depth)

    def _first(self, among: list[Mapping[str, Any]], name: str, depth: int) -> Any:
        """What says most: not null, as long as it isn't too deep."""
        values = [each for each in among if self._resolved(each).get("type") != "null"]
        return self.of(values[0], name, depth + 1) if values and depth < _DEEPEST else None

    def _by_type(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        kind = schema.get("type")
        kind = next((each for each in kind if each != "null"), "null") if isinstance(kind, list) else kind
        if kind == "object" or "properties" in schema:
            return self._object(schema, depth)
        if kind == "array":
            return [self.of(schema.get("items", {}), name.removesuffix("s"), depth + 1)] if depth < _DEEPEST else []
        if kind in {"integer", "number"}:
            return max(schema.get("minimum", 1), 1)
        if kind == "boolean":
            return False
        return None if kind == "null" else self._text(schema, name)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        told = {name: self.of(each, name, depth + 1) for name, each in schema.get("properties", {}).items() if depth < _DEEPEST}
        more = schema.get("additionalProperties")
        if not told and isinstance(more, dict):
            told = {"paid": self.of(more, "", depth + 1)}
        return told

    @staticmethod
    def _text(schema: Mapping[str, Any], name: str) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        return str(_KNOWN.get(name, name.replace("_", " ") or "text"))

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a reference names; what stands beside it wins."""
        if "$ref" not in schema:
            return schema
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return {**self._schemas[schema["$ref"].rpartition("/")[2]], **beside}

"""Snapshots of before, with what the templates of today ask for. A stored snapshot never changes, so it is completed when it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_INVOICE: Mapping[str, object] = MappingProxyType({"kind": "invoice", "parent": None, "reason": None, "home_tax": None, "partial": False})
_SELLER: Mapping[str, object] = MappingProxyType({"colour": None, "contact": None, "legal_id": None})
_GROUP: Mapping[str, object] = MappingProxyType({"exemption_code": None, "exemption_text": None})


def completed(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """An invoice's snapshot in which every field has a value."""
    groups = [{**_GROUP, **group} for group in snapshot["tax_groups"]]
    return {**_INVOICE, **snapshot, "seller": completed_seller(snapshot["seller"]), "tax_groups": groups}


def completed_seller(seller: Mapping[str, Any]) -> dict[str, Any]:
    """The seller as the papers print it."""
    return {**_SELLER, **seller}

"""Which programs print: a paper that is printed again is the same where these are the same. Asked in the rendering child alone."""

from __future__ import annotations

import hashlib
import platform
import zlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from weasyprint.text.ffi import pango

import oms

_PACKAGES = (
    *("weasyprint", "pydyf", "tinyhtml5", "tinycss2", "cssselect2", "pyphen", "pillow", "fonttools"),
    *("jinja2", "markupsafe", "babel", "segno"),
)
_FLOORS = ("documents", "invoicing")
"""Parts of oms that decide what stands on a paper, and how it looks."""


def programs() -> Mapping[str, str]:
    """Each with its version. Of ourselves also a hash: a paper may look otherwise after a change that has no number yet."""
    known = {"oms": f"{oms.__version__} {_code()}", "python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION, "pango": _pango()}
    return known | {name: _version(name) for name in _PACKAGES}


def _code() -> str:
    root = Path(oms.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(path for floor in _FLOORS for path in (root / floor).glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _pango() -> str:
    number = int(pango.pango_version())
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"

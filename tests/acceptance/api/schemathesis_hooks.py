"""What Schemathesis is told besides its settings. It reads this file by itself, outside of the tests."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import schemathesis


@schemathesis.hook
def filter_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> bool:
    """It takes `%0E` in a text for one that is escaped already: as valid data it would send a control character, which no address may hold."""
    texts = [text for text in (path_parameters or {}).values() if isinstance(text, str) and "%" in text]
    return all(unquote(text) == text or unquote(text).isprintable() for text in texts)

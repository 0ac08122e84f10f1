"""Mails as files: `<name>.eml` beside `<name>.json` with the envelope. Used without a mail server and by the sink."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path


def file_mail(folder: Path, eml: bytes, *, sender: str, recipients: Sequence[str], at: datetime) -> Path:
    """File a mail and its envelope; returns the path of the `.eml`.

    The `.json` comes last: whoever finds one finds the whole mail beside it. Names sort by time; none is ever taken twice.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    envelope = {"sender": sender, "recipients": list(recipients), "at": at.astimezone(UTC).isoformat()}
    stem = f"{at.astimezone(UTC):%Y%m%d-%H%M%S-%f}-{hashlib.sha256(eml).hexdigest()[:8]}"
    path = next(path for path in (folder / f"{stem}-{number}.eml" for number in itertools.count(1)) if _create(path, eml))
    _create(path.with_suffix(".json"), json.dumps(envelope, indent=2, ensure_ascii=False).encode() + b"\n")
    return path


def _create(path: Path, content: bytes) -> bool:
    """Whether the file was made: whole or not at all, and never over another."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        return False
    finally:
        Path(name).unlink()
    return True

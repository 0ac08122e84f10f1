"""Mails as files: `<name>.eml` beside `<name>.json` with the envelope. Used without a mail server and by the sink."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import tempfile
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
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


def unfile(folder: Path, *, sha256s: Collection[str], words: Collection[str]) -> int:
    """Delete filed mails with these hashes, and those whose envelope, heads or texts hold one of these words. Returns how many."""
    found = [path for path in sorted(folder.glob("*.eml")) if _is_meant(path, sha256s, [word.casefold() for word in words])]
    for path in found:
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)
    return len(found)


def _is_meant(path: Path, sha256s: Collection[str], words: Collection[str]) -> bool:
    eml = path.read_bytes()
    if hashlib.sha256(eml).hexdigest() in sha256s:
        return True
    envelope = path.with_suffix(".json")
    mail = message_from_bytes(eml, policy=default)
    texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    said = "\n".join([*map(str, mail.values()), *texts, envelope.read_text(encoding="utf-8") if envelope.exists() else ""]).casefold()
    return any(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", said) for word in words)


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

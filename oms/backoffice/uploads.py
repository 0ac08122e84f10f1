"""A file that is sent by a form (`multipart/form-data`), and the same file again when somebody has seen what it would do. Read to a limit."""

from __future__ import annotations

import base64
import binascii
import email.policy
from dataclasses import dataclass
from email import message_from_bytes
from urllib.parse import parse_qsl

from fastapi import Request

from oms.api.bodies import read_body
from oms.backoffice.forms import KIND
from oms.errors import Unreadable

LARGEST = 1024 * 1024
"""Bytes of a file. Longer ones are for the command line and the API."""
_AROUND = 64 * 1024
"""Bytes of a form beside its file."""
_NO_FORM = "The form can't be read: choose a file and send it again."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file."""

    name: str
    content: bytes
    agreed: bool  #: it comes for the second time: what it would do was seen

    @property
    def kept(self) -> str:
        """As a form keeps it for the second time, byte for byte."""
        return base64.urlsafe_b64encode(self.content).decode()


async def upload_of(request: Request) -> Upload:
    """A dependency: the file of a form.

    Raises:
        TooLarge: it has more than 1 MB.
        Unreadable: it is no form of ours.
    """
    kind = request.headers.get("content-type", "")
    if kind.startswith(KIND):
        return _kept(await read_body(request, limit=LARGEST * 4 // 3 + _AROUND))
    return _sent(kind, await read_body(request, limit=LARGEST + _AROUND))


def _sent(kind: str, body: bytes) -> Upload:
    head = f"Content-Type: {kind}\r\n\r\n".encode("ascii", "replace")
    message = message_from_bytes(head + body, policy=email.policy.HTTP)
    for part in message.iter_parts() if message.is_multipart() else ():
        content = part.get_payload(decode=True)
        if part.get_param("name", header="content-disposition") == "file" and isinstance(content, bytes):
            return Upload((part.get_filename() or "")[:200], content, agreed=False)
    raise Unreadable(_NO_FORM)


def _kept(body: bytes) -> Upload:
    try:
        said = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=10))
        return Upload(said.get("name", "")[:200], base64.urlsafe_b64decode(said["content"].encode("ascii")), agreed=True)
    except (ValueError, KeyError, binascii.Error) as error:
        raise Unreadable(_NO_FORM) from error

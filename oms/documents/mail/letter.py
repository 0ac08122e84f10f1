"""A letter and its bytes: what stands in the `.eml`. It opens no connection and reads no file.

The message is ours to the last header; yagmail only connects (`mailer.py`). There is never a `Bcc:` header: hidden recipients
exist in the envelope alone.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from oms.addresses import FORBIDDEN, is_address, wire_address
from oms.errors import InvalidLetter, Problem
from oms.ports.outside import Letter


def build_eml(letter: Letter) -> bytes:
    """The complete message, ready to be stored and sent as it is.

    MIME boundaries are random: whoever needs the same bytes again stores them (rule 33).

    Raises:
        InvalidLetter: a header would break (line ends, NUL) or an address is none.
    """
    _examine(letter)
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = letter.message_id
    message["Date"] = format_datetime(letter.sent_on)
    message["From"] = _address(letter.sender)
    message["To"] = _address(letter.to)
    if letter.reply_to is not None:
        message["Reply-To"] = _address(("", letter.reply_to))
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    for attachment in letter.attachments:
        main, _, sub = attachment.mime_type.partition("/")
        message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.filename)
    return message.as_bytes()


def _examine(letter: Letter) -> None:
    headers = {
        "message_id": letter.message_id,
        "sender name": letter.sender[0],
        "sender": letter.sender[1],
        "to name": letter.to[0],
        "to": letter.to[1],
        "reply_to": letter.reply_to or "",
        "subject": letter.subject,
        **{f"attachments/{number}": file.filename + file.mime_type for number, file in enumerate(letter.attachments)},
    }
    problems = [
        Problem(where, "has a line end or another control character; a header is one line.")
        for where, text in headers.items()
        if FORBIDDEN & set(text)
    ]
    addresses = {"sender": letter.sender[1], "to": letter.to[1], "reply_to": letter.reply_to}
    problems += [
        Problem(where, f"{address[:80]!r} is not one plain address.")
        for where, address in addresses.items()
        if address is not None and not is_address(address)
    ]
    if problems:
        raise InvalidLetter(problems)


def _address(pair: tuple[str, str]) -> Address:
    name, address = pair
    return Address(name, addr_spec=wire_address(address) or "")

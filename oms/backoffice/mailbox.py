"""`/stores/{store}/mailbox`: mails that became files, as those who got them see them. Where a mail server takes them there is no such page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from itertools import islice
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as InPath

from oms.api.entry import ShopHere
from oms.backoffice.failures import PageRoute
from oms.backoffice.rendering import page
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor, Visits
from oms.bootstrap import Shop
from oms.errors import NotFound

router = APIRouter(prefix="/stores/{store}/mailbox", route_class=PageRoute)

Reads = Annotated[Visitor, Depends(Visits("invoices.read"))]
NAME = r"^[0-9]{8}-[0-9]{6}-[0-9]{6}-[0-9a-f]{8}-[0-9]{1,6}$"
"""As mails are filed: no other file of the folder can be asked for."""
Name = Annotated[str, InPath(pattern=NAME)]
PAGE = 25


def has_mailbox(shop: Shop, visitor: Visitor) -> bool:
    """Whether this person finds mails of their store in the folder: not if a store that isn't theirs writes under the same address."""
    stores, mine = shop.settings.stores, _sender(shop, visitor.store)
    sharing = {name for name in stores if _sender(shop, name) == mine}
    return shop.settings.mail.transport == "file" and sharing <= set(visitor.stores) and visitor.caller.may("invoices.read")


@router.get("", operation_id="readMailbox")
def list_letters(
    request: Request,
    visitor: Reads,
    shop: ShopHere,
    before: Annotated[str | None, Query(pattern=NAME)] = None,
) -> Response:
    """The mails of this store, the newest first."""
    found = list(islice(_letters(shop, visitor, before=before), PAGE + 1))
    here, tongue = visitor.at("mailbox"), visitor.tongue
    given = {
        "site": visitor.site("mails"),
        "letters": [{**_head(path, mail, tongue), "address": visitor.at("mailbox", path.stem)} for path, mail in found[:PAGE]],
        "next": f"{here}?before={found[PAGE - 1][0].stem}" if len(found) > PAGE else None,
        "mails": visitor.at("mails"),
        "folder": str(shop.settings.mail.folder),
    }
    return page(request, "mailbox.html", given)


@router.get("/{name}", operation_id="readMailbox")
def show_letter(request: Request, name: Name, visitor: Reads, shop: ShopHere) -> Response:
    """One mail: who got it, what it says, its HTML as text, what is attached."""
    path, mail = _letter(shop, visitor, name)
    text, markup = mail.get_body(("plain",)), mail.get_body(("html",))
    given = {
        "site": visitor.site("mails"),
        "letter": _head(path, mail, visitor.tongue),
        "mailbox": visitor.at("mailbox"),
        "text": text.get_content() if text else "",
        "markup": markup.get_content() if markup else "",
        "attached": [
            {"name": part.get_filename() or "", "kilobytes": -(-len(_bytes(part)) // 1024), "address": visitor.at("mailbox", name, str(number))}
            for number, part in enumerate(mail.iter_attachments(), start=1)
        ],
    }
    return page(request, "letter.html", given)


@router.get("/{name}/{number}", operation_id="readMailbox")
def attachment(name: Name, number: Annotated[int, InPath(ge=1, le=100)], visitor: Reads, shop: ShopHere) -> Response:
    """What is attached, to be kept: no browser shows it as a page of ours."""
    _, mail = _letter(shop, visitor, name)
    part = next(islice(mail.iter_attachments(), number - 1, None), None)
    if part is None:
        raise NotFound("This mail has no such attachment.")
    kind = "application/pdf" if part.get_content_type() == "application/pdf" else "application/octet-stream"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(part.get_filename() or 'file', safe='')}"}
    return Response(_bytes(part), media_type=kind, headers=headers)


def _letter(shop: Shop, visitor: Visitor, name: str) -> tuple[Path, EmailMessage]:
    path = shop.settings.mail.folder / f"{name}.eml"
    found = _read(path) if has_mailbox(shop, visitor) else None
    if found is None or parseaddr(str(found["From"]))[1] != _sender(shop, visitor.store):
        raise NotFound("There is no such mail.")
    return path, found


def _letters(shop: Shop, visitor: Visitor, *, before: str | None) -> Iterator[tuple[Path, EmailMessage]]:
    if not has_mailbox(shop, visitor):
        raise NotFound("Mails of this store become no files here: mail.transport in config/oms.toml says where they go.")
    mine = _sender(shop, visitor.store)
    for path in sorted(shop.settings.mail.folder.glob("*.eml"), reverse=True):
        mail = _read(path) if before is None or path.stem < before else None
        if mail is not None and parseaddr(str(mail["From"]))[1] == mine:
            yield path, mail


def _read(path: Path) -> EmailMessage | None:
    """None: it was deleted meanwhile, as the retention of mails says."""
    try:
        return message_from_bytes(path.read_bytes(), policy=default)
    except FileNotFoundError:
        return None


def _head(path: Path, mail: EmailMessage, tongue: Tongue) -> Mapping[str, Any]:
    try:
        envelope = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except FileNotFoundError:  # it comes last
        envelope = {"recipients": [], "at": tongue.now.isoformat()}
    shown = {address for _, address in (parseaddr(each) for name in ("To", "Cc") for each in str(mail[name] or "").split(","))}
    return {
        "subject": str(mail["Subject"] or path.stem),
        "sender": str(mail["From"]),
        "recipients": [{"address": each, "hidden": each not in shown} for each in envelope["recipients"]],
        "time": tongue.when(datetime.fromisoformat(envelope["at"])),
        "attached": sum(1 for _ in mail.iter_attachments()),
    }


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _sender(shop: Shop, store: str) -> str:
    return parseaddr(str(shop.settings.stores[store].sender))[1]

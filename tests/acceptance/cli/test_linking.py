"""Links to documents from the command line; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from oms.links import Link, sign
from oms.settings import link_key
from tests.acceptance.cli.calling import Caller

NUMBER = f"RE-{datetime.now(UTC).year}-00001"
REFUSED = "oms: This link does not open a document: it is wrong, its time is over, or it was revoked. Ask the shop for a new one.\n"


def test_a_link_opens_the_stored_document_and_no_other_way(billed: Caller, tmp_path: Path) -> None:
    token = billed("invoice", "link", NUMBER, "--json").data["token"]
    assert "jana" not in token.lower()
    assert billed("invoice", "fetch", token).bytes == billed("invoice", "pdf", NUMBER, "-o", "-").bytes
    assert billed("invoice", "fetch", token, "-o", str(tmp_path / "a.pdf")).code == 0
    assert (billed("invoice", "fetch", token[:-1] + ("x" if token[-1] != "x" else "y")).code, billed("invoice", "fetch", "x").err) == (1, REFUSED)


def test_revoked_links_open_nothing_and_new_ones_do(billed: Caller) -> None:
    old = billed("invoice", "link", NUMBER).out.strip()
    assert billed("invoice", "link", NUMBER, "--revoke").out == f"No link to {NUMBER} counts any more that was given away before.\n"
    assert billed("invoice", "fetch", old).err == REFUSED
    assert billed("invoice", "fetch", billed("invoice", "link", NUMBER).out.strip()).bytes.startswith(b"%PDF")


@pytest.mark.parametrize(
    "changes",
    [{"until": datetime.now(UTC).date() - timedelta(days=2)}, {"number": "RE-1"}, {"kind": "credit_note"}, {"store": "attic"}, {"revocations": 7}],
)
def test_what_the_shop_itself_signed_wrongly_opens_nothing(billed: Caller, changes: dict[str, object]) -> None:
    said = {"store": "main", "kind": "invoice", "number": NUMBER, "until": datetime.now(UTC).date() + timedelta(days=2), "revocations": 0}
    token = sign(Link(**(said | changes)), link_key(billed.folder / "secrets" / "link-key"))  # type: ignore[arg-type]
    assert billed("invoice", "fetch", token).err == REFUSED


def set_base(oms: Caller, base: str) -> None:
    config = oms.folder / "config" / "oms.toml"
    config.write_text(config.read_text("utf-8").replace('number_format = "RE', f'link_base = "{base}"\nnumber_format = "RE'), "utf-8")


@pytest.mark.parametrize("base", ["https://shop.example/invoice/", "https://shop.example/invoice"])
def test_a_mail_bears_the_link_where_the_store_has_a_base_for_it(oms: Caller, base: str) -> None:
    set_base(oms, base)
    oms.bill()
    mails = (oms.folder / "data" / "mail").glob("*.eml")
    in_mail = [line.strip() for eml in mails for line in _text(eml) if "https://shop.example/invoice" in line]
    links = [*in_mail, oms("invoice", "link", NUMBER).out.strip()]
    assert [link.count("https://shop.example/invoice/") for link in links] == [1, 1]
    for link in links:
        assert oms("invoice", "fetch", link.rpartition("/")[2]).bytes.startswith(b"%PDF")


def test_a_link_to_a_document_that_is_not_made_yet_says_so(oms: Caller) -> None:
    oms.place(payment={"method": "invoice"})  # billed, and no worker has rendered it
    link = oms("invoice", "link", NUMBER).out.strip()
    said = oms("invoice", "fetch", link)
    assert (said.code, said.err) == (1, f"oms: {NUMBER} is not ready yet: its PDF is being made. Open this link again in a few minutes.\n")
    oms("work", "--once")
    assert oms("invoice", "fetch", link).bytes.startswith(b"%PDF")


def test_the_doctor_tells_keys_of_links_apart_and_warns_of_one_that_others_read(oms: Caller) -> None:
    def told() -> list[tuple[str, str]]:
        return [(line["mark"], line["said"]) for line in oms("doctor", "--json").data if "link" in line["said"]]

    set_base(oms, "https://shop.example/invoice")
    path = oms.folder / "secrets" / "link-key"
    ((mark, said),) = told()
    assert (mark, said.startswith("are signed with the key "), path.read_text("ascii").strip() in said) == ("ok", True, False)
    assert said.endswith("it must be the same on each host") == oms.database.startswith("postgresql")

    path.unlink()
    ((_, other),) = told()
    assert other != said

    path.chmod(0o644)
    assert told()[0] == ("note", f"config/oms.toml: links.key_file: Other accounts of this machine can read {path}: chmod 600 {path}")


def _text(path: Path) -> list[str]:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    return body.get_content().splitlines() if body else []

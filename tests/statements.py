"""Statements as banks send them: CAMT.053 in both versions, put together of entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

IBAN = "DE89370400440532013000"

Version = Literal["02", "08"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tx:
    """A transaction, alone in its entry or in a batch."""

    amount: str = "168.80"
    text: str = "Invoice RE-2026-00001"
    reference: str = ""
    structured: str = ""
    end_to_end: str = "NOTPROVIDED"
    currency: str = "EUR"

    def xml(self, version: Version, *, is_part: bool) -> str:
        amount = f'<Amt Ccy="{self.currency}">{self.amount}</Amt>'
        told = "" if not is_part else amount if version == "08" else f"<AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>"
        payer = "<Dbtr><Pty><Nm>Jana Novak</Nm></Pty></Dbtr>" if version == "08" else "<Dbtr><Nm>Jana Novak</Nm></Dbtr>"
        own = f"<AcctSvcrRef>{self.reference}</AcctSvcrRef>" if self.reference else ""
        structured = f"<Strd><CdtrRefInf><Ref>{self.structured}</Ref></CdtrRefInf></Strd>" if self.structured else ""
        remittance = f"<RmtInf><Ustrd>{escape(self.text)}</Ustrd>{structured}</RmtInf>"
        return f"<TxDtls><Refs>{own}<EndToEndId>{self.end_to_end}</EndToEndId></Refs>{told}<RltdPties>{payer}</RltdPties>{remittance}</TxDtls>"


def ntry(
    *parts: Tx,
    amount: str = "168.80",
    reference: str = "",
    credit: bool = True,
    status: str = "BOOK",
    reversal: bool | None = None,
    day: str = "2026-11-25",
    currency: str = "EUR",
    version: Version = "02",
) -> str:
    """One entry."""
    details = parts or (Tx(amount=amount, currency=currency),)
    back = "" if reversal is None else f"<RvslInd>{str(reversal).lower()}</RvslInd>"
    given = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    stands = f"<Sts><Cd>{status}</Cd></Sts>" if version == "08" else f"<Sts>{status}</Sts>"
    told = "".join(part.xml(version, is_part=len(details) > 1) for part in details)
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{"CRDT" if credit else "DBIT"}</CdtDbtInd>{back}{stands}'
        f"<BookgDt><Dt>{day}</Dt></BookgDt>{given}<NtryDtls>{told}</NtryDtls></Ntry>"
    )


def camt(*entries: str, version: Version = "02", iban: str = IBAN) -> bytes:
    """A file with one statement."""
    account = f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>" if iban else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>'
        f"<Stmt><Id>1</Id>{account}{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()

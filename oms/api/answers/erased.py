"""What was erased of a customer."""

from __future__ import annotations

from pydantic import Field

from oms.api.answers.told import Told


class BlockedTold(Told):
    """What stands in the way of erasing an order."""

    order: str
    why: str = Field(examples=['1 item is in "shipped", which is not the end'])


class ErasedTold(Told):
    """What was erased, or would be."""

    orders: list[str]
    mails: int = Field(description="to this address, about orders of others")
    files: int = Field(description="of the archive")
    rows: int = Field(description="messages of providers that nobody could read, alerts, kept answers")
    stays: list[str] = Field(description="numbers of the papers that the law wants")
    blocked: list[BlockedTold] = Field(description="of a dry run: what stands in the way")
    dry_run: bool

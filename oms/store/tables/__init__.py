"""The SQLModel tables: rows without behaviour, known to this folder only. Every statement of the store is built on them."""

from sqlalchemy import Integer

from oms.store.tables.access import ApiKeyRow, KeptAnswerRow
from oms.store.tables.accounts import AccountRow, LoginFailureRow, SessionRow
from oms.store.tables.archive import ArchiveRow
from oms.store.tables.bulk import BulkOrderRow, BulkRunRow, SavedViewRow
from oms.store.tables.deeds import DeedRow
from oms.store.tables.endpoints import DeliveryRow, EndpointRow, NoticeRow
from oms.store.tables.erasures import ErasedFileRow, ErasureRow
from oms.store.tables.inbox import InboxRow
from oms.store.tables.invoices import (
    BillingRow,
    InvoiceFileRow,
    InvoiceRow,
    LinkRevocationRow,
    MailMessageRow,
    MailRecipientRow,
    NumberSeriesRow,
    PaperFileRow,
    PaperRow,
    PaymentRow,
    PrintRow,
    StandingRow,
)
from oms.store.tables.naming import METADATA, table_of
from oms.store.tables.operations import FigureRow, TallyRow
from oms.store.tables.orders import HistoryItemRow, HistoryTable, ItemRow, LineRow, NoteRow, OrderRow, OrderWordRow, TriggerTable
from oms.store.tables.processes import DeploymentRow, ProcessFileRow, VersionRow
from oms.store.tables.work import HoldRow, IncidentRow, JobRow, PaceRow, StateCountRow, TimerTable, WorkerRow
from oms.store.types import WHOLE

for _table in METADATA.tables.values():
    for _column in _table.columns:
        if type(_column.type) is Integer:  # what SQLModel makes of `int`
            _column.type = WHOLE

__all__ = [
    "METADATA",
    "AccountRow",
    "ApiKeyRow",
    "ArchiveRow",
    "BillingRow",
    "BulkOrderRow",
    "BulkRunRow",
    "DeedRow",
    "DeliveryRow",
    "DeploymentRow",
    "EndpointRow",
    "ErasedFileRow",
    "ErasureRow",
    "FigureRow",
    "HistoryItemRow",
    "HistoryTable",
    "HoldRow",
    "InboxRow",
    "IncidentRow",
    "InvoiceFileRow",
    "InvoiceRow",
    "ItemRow",
    "JobRow",
    "KeptAnswerRow",
    "LineRow",
    "LinkRevocationRow",
    "LoginFailureRow",
    "MailMessageRow",
    "MailRecipientRow",
    "NoteRow",
    "NoticeRow",
    "NumberSeriesRow",
    "OrderRow",
    "OrderWordRow",
    "PaceRow",
    "PaperFileRow",
    "PaperRow",
    "PaymentRow",
    "PrintRow",
    "ProcessFileRow",
    "SavedViewRow",
    "SessionRow",
    "StandingRow",
    "StateCountRow",
    "TallyRow",
    "TimerTable",
    "TriggerTable",
    "VersionRow",
    "WorkerRow",
    "table_of",
]

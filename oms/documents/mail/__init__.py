"""Mail: letters, their bytes, and the way out of the house. Everything others need is named here, but for `client`: it loads yagmail."""

from oms.documents.mail.filing import file_mail
from oms.documents.mail.letter import build_eml
from oms.documents.mail.mailer import Mailer, Mailers
from oms.documents.mail.settings import FileSettings, SmtpSettings

__all__ = [
    "FileSettings",
    "Mailer",
    "Mailers",
    "SmtpSettings",
    "build_eml",
    "file_mail",
]

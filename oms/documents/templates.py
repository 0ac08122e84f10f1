"""Templates: papers and mails as text. Jinja2 in a sandbox; they are given plain dicts and can reach nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from oms.documents.formats import FILTERS
from oms.errors import InvalidTemplate, Problem


@dataclass(frozen=True, slots=True)
class MailText:
    """A mail as its template made it."""

    subject: str
    text: str
    html: str


class Templates:
    """The templates of a shop over the shipped ones."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Args:
        folders: The first one that has a file wins; the shipped templates come last.
        """
        self.folders = tuple(folders)
        self._environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(self.folders), trim_blocks=True, lstrip_blocks=True)
        self._environment.globals.clear()
        self._environment.filters.update(FILTERS)

    def invoice_html(self, snapshot: Mapping[str, object], *, store: str, watermark: str | None = None) -> str:
        """An invoice's HTML, from its snapshot alone."""
        return self._environment.get_template("invoices/invoice.html").render(invoice=snapshot, store=store, watermark=watermark, locale=snapshot["locale"])

    def mail(self, template: str, *, locale: str, context: Mapping[str, object]) -> MailText:
        """A mail in the customer's language, else in English."""
        for tongue in (locale.replace("_", "-"), locale[:2], "en"):
            base = f"mails/{tongue}/{template}"
            if any((folder / f"{base}.txt").is_file() for folder in self.folders):
                break
        else:
            raise InvalidTemplate([Problem(f"templates/mails/…/{template}.txt", "there is no such mail.")])
        given = {**context, "locale": locale}
        first, _, text = self._environment.get_template(f"{base}.txt").render(given).partition("\n")
        return MailText(first.removeprefix("Subject:").strip(), text.strip() + "\n", self._environment.get_template(f"{base}.html").render(given))

    def mail_names(self) -> frozenset[str]:
        """The mails a process may send."""
        return frozenset(path.stem for folder in self.folders for path in (folder / "mails").glob("*/*.txt") if not path.name.startswith("_"))

    def check(self) -> list[Problem]:
        """What is wrong in any template."""
        return []

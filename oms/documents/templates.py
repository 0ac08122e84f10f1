"""Templates: papers and mails as text, from plain dicts. What they can't reach is said in `sandbox.py`.

```
invoices/invoice.html           the paper; invoices/STORE/invoice.html wins for that store
invoices/credit_note.html       wins for credit notes; invoices/invoice.de.html for that language; both in STORE/, too
invoices/words.de.toml          its words in one language; credit notes have words of their own in the table [credit_note]
invoices/logo.svg (.png .jpg)   printed if it is there; invoices/STORE/logo.svg wins
papers/delivery_note.html       any other paper; papers/STORE/delivery_note.html wins for that store
papers/words.de.toml            words that these papers share
mails/de/invoice.txt            `Subject: …` in the first line, an empty line, the text
mails/de/invoice.html           the same mail for programs that show HTML
mails/words.de.toml             words that mails share
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Template as JinjaTemplate
from jinja2 import TemplateError, TemplateNotFound

from oms.documents.checking import check_templates, origin
from oms.documents.completing import completed, completed_seller
from oms.documents.giro import giro_asset
from oms.documents.sandbox import Sandbox
from oms.documents.words import load_words
from oms.errors import InvalidTemplate, Problem
from oms.ports.outside import MailText

INK = "#14171f"
"""The colour of headings and rules, where a seller has none."""

SUBJECT = "Subject:"
"""How the first line of a mail's `.txt` begins."""


class Templates:
    """The templates of a shop over the shipped ones."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Nothing is read yet.

        Args:
            folders: The first one that has a file wins: the shop's own, then the shipped ones.
        """
        self._folders = tuple(folders)
        self._sandbox = Sandbox(self._folders)

    def invoice_html(self, snapshot: Mapping[str, object], *, store: str, watermark: str | None = None) -> str:
        """The HTML of an invoice, from its snapshot alone.

        Args:
            snapshot: `json.loads` of the stored text.
            store: Looks for this store's own template and logo first.
            watermark: Printed across each page: PREVIEW.

        Raises:
            InvalidTemplate: the template or its words are missing or fail.
        """
        invoice = completed(snapshot)
        giro = giro_asset(invoice) if watermark is None else None  # nobody shall pay a preview
        given = {**self._around("invoices", invoice, store, paper=invoice["kind"]), "invoice": invoice, "watermark": watermark, "giro": giro}
        return self._render(self._of_store("invoices", (invoice["kind"], "invoice"), store, invoice["locale"]), given)

    def paper_html(self, template: str, *, snapshot: Mapping[str, Any], store: str) -> str:
        """The HTML of any other paper, from its snapshot alone.

        Args:
            template: Its name.
            snapshot: `json.loads` of the stored text; its keys are the template's names.
            store: As for an invoice.

        Raises:
            InvalidTemplate: the template or its words are missing or fail.
        """
        whole = {**snapshot, "seller": completed_seller(snapshot["seller"])}
        return self._render(self._of_store("papers", (template,), store, whole["locale"]), {**whole, **self._around("papers", whole, store)})

    def mail(self, template: str, *, locale: str, context: Mapping[str, object]) -> MailText:
        """A mail in the recipient's language: `de-AT`, else `de`, else `en`, else the first language it is written in.

        Raises:
            InvalidTemplate: there is no such mail, or it fails.
        """
        base = self._mail_base(template, locale)
        given = {**context, "locale": locale, "words": load_words(self._folders, "mails", base.split("/")[1])}
        first, _, text = self._render(f"{base}.txt", given).partition("\n")
        if not first.startswith(SUBJECT):
            raise InvalidTemplate([Problem(f"{base}.txt:1", f'begins with "{SUBJECT} …", so that the mail has one.')])
        return MailText(" ".join(first.removeprefix(SUBJECT).split()), text.strip() + "\n", self._render(f"{base}.html", given))

    def mail_names(self) -> frozenset[str]:
        """The mails a process may send: those that have both parts in each language; what lacks one would fail when it is sent."""
        return frozenset(path.stem for path in self._mail_files()) - self.half_mails().keys()

    def half_mails(self) -> dict[str, str]:
        """Mails that lack their second part in a language, and the file that is missing."""
        wanted = {path.stem: f"mails/{path.parent.name}/{path.stem}.html" for path in self._mail_files()}
        return {name: file for name, file in wanted.items() if self._first([file]) is None}

    def paper_names(self) -> frozenset[str]:
        """The papers that a process may let be made, beside invoices."""
        files = (path for folder in self._folders for path in (folder / "papers").glob("*.html") if not path.name.startswith("_"))
        return frozenset(path.name.partition(".")[0] for path in files)

    def logo(self, store: str) -> Path | None:
        """The picture on a store's papers."""
        name = self._logo(store)
        return next((folder / name for folder in self._folders if name and (folder / name).is_file()), None)

    def check(self) -> list[Problem]:
        """Everything that is wrong in any template, without rendering one."""
        return check_templates(self._folders, self._sandbox)

    def _around(self, kind: str, snapshot: Mapping[str, Any], store: str, *, paper: str | None = None) -> dict[str, object]:
        """What every paper is given beside its snapshot; all have the logo of the invoice."""
        locale = str(snapshot["locale"])
        return {
            "words": load_words(self._folders, kind, locale, paper=paper),
            "locale": locale,
            "logo": self._logo(store),
            "accent": snapshot["seller"].get("colour") or INK,
            "store": store,
        }

    def _logo(self, store: str) -> str | None:
        return self._first(f"invoices/{folder}logo{suffix}" for folder in (f"{store}/", "") for suffix in (".svg", ".png", ".jpg"))

    def _of_store(self, kind: str, names: Sequence[str], store: str, locale: str) -> str:
        """The store's own before all others', then the first name before the others, then the language's own."""
        tongues = (f".{locale.replace('_', '-')}", f".{locale[:2]}", "")
        wanted = [f"{kind}/{folder}{name}{tongue}.html" for folder in (f"{store}/", "") for name in names for tongue in tongues]
        return self._first(wanted) or wanted[-1]

    def _mail_base(self, template: str, locale: str) -> str:
        tongues = {path.parent.name for path in self._mail_files() if path.stem == template}
        wanted = (locale.replace("_", "-"), locale[:2], "en", *sorted(tongues))
        for tongue in wanted:
            if tongue in tongues:
                return f"mails/{tongue}/{template}"
        raise InvalidTemplate(
            [Problem(f"mails/{locale[:2]}/{template}.txt", f"there is no mail {template!r}. There are: {', '.join(sorted(self.mail_names()))}.")]
        )

    def _mail_files(self) -> Iterator[Path]:
        for folder in self._folders:
            yield from (path for path in (folder / "mails").glob("*/*.txt") if not path.name.startswith("_"))

    def _first(self, names: Iterator[str] | Sequence[str]) -> str | None:
        """The first of these files that some folder has."""
        return next((name for name in names if any((folder / name).is_file() for folder in self._folders)), None)

    def _render(self, name: str, given: Mapping[str, object]) -> str:
        try:
            template: JinjaTemplate = self._sandbox.get_template(name)
            return template.render(given)
        except TemplateNotFound as error:
            raise InvalidTemplate([Problem(name, f"there is no template {error.name!r} in {', '.join(map(str, self._folders))}.")]) from error
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise InvalidTemplate([Problem(origin(error, name), f"{error}")]) from error

"""HTML becomes PDF: the only module that loads WeasyPrint. It is imported in the rendering child alone (S30)."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import weasyprint
from weasyprint.logger import LOGGER
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from oms.documents.facturx import VARIANT, attachment, describe, finish
from oms.documents.giro import giro_png

_STYLE = re.compile("<style>([^<]*)</style>")
_READ_WITH_ITS_DOCUMENT = re.compile(r"@(?!page|top|bottom|left|right)|!\s*important|<link|<base|<!--")
"""Rules that WeasyPrint wants to meet in the document itself (fonts, counters, layers), what changes who outdoes whom, and a style that is none."""
_SUFFIXES = frozenset({".svg", ".png", ".jpg", ".jpeg", ".css", ".ttf", ".otf"})


class AssetFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Knows `asset:` names, which are files of the template folders, and nothing else: no network, no path, no data:."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(allowed_protocols=["asset"], allow_redirects=False)
        self._folders = folders

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002 - WeasyPrint's signature
        """The file of that name.

        Raises:
            ValueError: there is none; WeasyPrint warns and goes on without it.
        """
        scheme, _, name = url.partition(":")
        if scheme != "asset":
            raise ValueError("a document reaches asset: names only")
        code = giro_png(name)
        if code is not None:
            return URLFetcherResponse(url, code, {"Content-Type": "image/png"})
        for folder in self._folders:
            path = (folder / name).resolve()
            if path.is_relative_to(folder) and path.suffix in _SUFFIXES and path.is_file():
                return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": mimetypes.types_map.get(path.suffix, "application/octet-stream")})
        raise ValueError(f"there is no asset {name}")


class Press:
    """Writes PDFs. Its font configuration is shared by all of them, which saves time and a leak of 0.2 MB each."""

    def __init__(self, folders: Sequence[Path]) -> None:
        LOGGER.handlers.clear()  # WeasyPrint's own goes to stderr; what it says reaches the root logger
        LOGGER.propagate = True
        self._fonts = FontConfiguration()
        self._fetcher = AssetFetcher(folders)
        self._sheet = lru_cache(maxsize=16)(self._read)

    def write(self, html: str, *, identifier: str, created_at: str, title: str, xml: str) -> bytes:
        """The PDF/A; see `PdfChild.write`."""
        html, sheets = self._styled(html)
        document = weasyprint.HTML(string=html, base_url="asset:", url_fetcher=self._fetcher).render(font_config=self._fonts, stylesheets=sheets)
        document.metadata.created = document.metadata.modified = created_at
        document.metadata.attachments = [attachment(xml, created_at=created_at)] if xml else []
        if title:
            document.metadata.title = title
        describe(document.metadata, with_xml=bool(xml))
        pdf: bytes = document.write_pdf(finisher=finish, pdf_variant=VARIANT, pdf_identifier=identifier.encode())
        return pdf

    def _styled(self, html: str) -> tuple[str, list[weasyprint.CSS]]:
        """The HTML without its only `<style>`, and what stands in it: papers of one template share that, so it is read once."""
        head, end, body = html.partition("</head>")
        styles = _STYLE.findall(head)
        if not end or (len(styles), html.count("<style")) != (1, 1) or _READ_WITH_ITS_DOCUMENT.search(head):
            return html, []
        return f"{_STYLE.sub('', head)}{end}{body}", [self._sheet(styles[0])]

    def _read(self, css: str) -> weasyprint.CSS:
        return weasyprint.CSS(string=css, base_url="asset:", url_fetcher=self._fetcher, font_config=self._fonts)

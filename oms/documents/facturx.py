"""What makes a PDF a PDF/A-3, and with an XML inside it a Factur-X invoice. Called in the rendering child alone.

WeasyPrint 70 writes nearly all of it. Three things it does not do well are done here: a whole invoice's metadata in one `rdf:RDF` (it would write a
second one, which readers miss), an attachment listed once (it would list it twice), and each object written down once (it would do it for the file
and again for the file's identifier, which is half of what tags take).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import pydyf
import weasyprint

FILE_NAME = "factur-x.xml"
"""Fixed by Factur-X 1.0."""
VARIANT = "pdf/a-3a"
"""With tags, so that it can be read aloud. What they take is measured by `benchmarks/papers.py`, 20 ms a page at most."""

_FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = (
    ("DocumentFileName", "The name of the embedded XML document"),
    ("DocumentType", "The type of the hybrid document in capital letters, e.g. INVOICE or ORDER"),
    ("Version", "The actual version of the standard applying to the embedded XML document"),
    ("ConformanceLevel", "The conformance level of the embedded XML document"),
)
_VALUES = {"DocumentFileName": FILE_NAME, "DocumentType": "INVOICE", "Version": "1.0", "ConformanceLevel": "EN 16931"}

_ABOUT = """<rdf:Description xmlns:{prefix}="{uri}" rdf:about="">{content}</rdf:Description>"""
_SCHEMA = (
    '<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" '
    'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" rdf:about=""><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    f"<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema><pdfaSchema:namespaceURI>{_FX}</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    + "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType>'
        f"<pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>{what}</pdfaProperty:description></rdf:li>"
        for name, what in _PROPERTIES
    )
    + "</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)
"""Says what the four properties are, as PDF/A wants of any that it does not know."""


def attachment(xml: str, *, created_at: str) -> weasyprint.Attachment:
    """The XML as a file in the PDF.

    Args:
        xml: As it is embedded, byte for byte.
        created_at: ISO, UTC.
    """
    moment = datetime.fromisoformat(created_at)
    return weasyprint.Attachment(
        string=xml, name=FILE_NAME, description="Factur-X Invoice", created=moment, modified=moment, relationship="Alternative"
    )


def describe(metadata: Any, *, with_xml: bool) -> None:
    """Let a document's metadata be one `rdf:RDF`, equal to what stands in its Info."""
    metadata.generate_rdf_metadata = lambda _variant, version, conformance: _rdf(metadata, version, conformance, with_xml=with_xml)


class _Written(pydyf.Object):  # type: ignore[misc]  # pydyf has no types
    """An object of a PDF that changes no more."""

    data = b""
    compressible = False

    def __init__(self, changing: Any) -> None:
        super().__init__()
        self.number, self.generation, self.free = changing.number, changing.generation, changing.free
        self.compressible, self.data = changing.compressible, changing.data


def finish(_document: Any, pdf: Any) -> None:
    """Each attached file is listed once, as XML; then nothing changes any more."""
    listed = pdf.catalog.get("AF")
    if listed:
        pdf.catalog["AF"][:] = dict.fromkeys(listed)
    for each in pdf.objects:
        if getattr(each, "extra", None) and each.extra.get("Type") == "/EmbeddedFile":
            each.extra["Subtype"] = "/text#2fxml"
    pdf.objects[1:] = map(_Written, pdf.objects[1:])  # the first is none: it heads the list of what is free


def _rdf(metadata: Any, version: int, conformance: str, *, with_xml: bool) -> bytes:
    authors = "".join(f"<rdf:li>{escape(author)}</rdf:li>" for author in metadata.authors)
    named = f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(metadata.title or "")}</rdf:li></rdf:Alt></dc:title>'
    named += f"<dc:creator><rdf:Seq>{authors}</rdf:Seq></dc:creator>" if authors else ""
    dates = f"<xmp:CreateDate>{metadata.created}</xmp:CreateDate><xmp:ModifyDate>{metadata.modified}</xmp:ModifyDate>"
    parts = [
        ("pdfaid", "http://www.aiim.org/pdfa/ns/id/", f"<pdfaid:part>{version}</pdfaid:part><pdfaid:conformance>{conformance}</pdfaid:conformance>"),
        ("pdfuaid", "http://www.aiim.org/pdfua/ns/id/", "<pdfuaid:part>1</pdfuaid:part>"),
        ("dc", "http://purl.org/dc/elements/1.1/", named),
        ("pdf", "http://ns.adobe.com/pdf/1.3/", f"<pdf:Producer>WeasyPrint {weasyprint.__version__}</pdf:Producer>"),
        ("xmp", "http://ns.adobe.com/xap/1.0/", dates),
    ]
    if with_xml:
        parts.append(("fx", _FX, "".join(f"<fx:{name}>{value}</fx:{name}>" for name, value in _VALUES.items())))
    told = "".join(_ABOUT.format(prefix=prefix, uri=uri, content=content) for prefix, uri, content in parts)
    return f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{told}{_SCHEMA if with_xml else ""}</rdf:RDF>'.encode()

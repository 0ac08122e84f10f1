"""PDF/A-3 with the XML inside: every line of the checklist, read with pikepdf; and what WeasyPrint must go on doing for us."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import outloud
import pikepdf
import pydyf
import pytest

from oms.documents.facturx import finish
from oms.documents.pdf import PdfChild
from oms.invoicing import Invoice, invoice_to_json
from oms.invoicing.cii import invoice_to_cii
from tests.unit.invoicing.papers import billed, item, placed

TEMPLATES = Path(__file__).parents[3] / "templates"
WHEN = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"


def paper() -> Invoice:
    return billed(placed(item(2, "39.90"), item(1, "5.00", "7"), customer={"name": "Jäna <Novák> & Co."}))


def printed(child: PdfChild, invoice: Invoice) -> bytes:
    snapshot = json.loads(invoice_to_json(invoice))
    return child.invoice(snapshot, store="main", identifier="sha-1", created_at=WHEN, xml=invoice_to_cii(invoice).decode())


@pytest.fixture(scope="module")
def pdf() -> Iterator[bytes]:
    child = PdfChild([TEMPLATES])
    yield printed(child, paper())
    child.close()


@pytest.fixture
def document(pdf: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        yield opened


@pytest.fixture
def metadata(document: pikepdf.Pdf) -> ET.Element:
    return ET.fromstring(document.Root.Metadata.read_bytes())  # noqa: S314 - our own


def test_the_file_is_pdf_1_7_with_an_id_and_not_encrypted(pdf: bytes, document: pikepdf.Pdf) -> None:
    assert pdf.startswith(b"%PDF-1.7")
    assert len(document.trailer.ID) == 2
    assert not document.is_encrypted


def test_the_metadata_is_one_rdf_that_says_pdf_a_3a_and_pdf_ua_1(metadata: ET.Element) -> None:
    assert [child.tag for child in metadata] == [f"{RDF}RDF"]
    assert metadata.findtext(".//{http://www.aiim.org/pdfa/ns/id/}part") == "3"
    assert metadata.findtext(".//{http://www.aiim.org/pdfa/ns/id/}conformance") == "A"
    assert metadata.findtext(".//{http://www.aiim.org/pdfua/ns/id/}part") == "1"


def test_info_and_metadata_say_the_same(document: pikepdf.Pdf, metadata: ET.Element) -> None:
    info = document.docinfo
    title = metadata.findtext(f".//{{http://purl.org/dc/elements/1.1/}}title/{RDF}Alt/{RDF}li")
    creator = metadata.findtext(f".//{{http://purl.org/dc/elements/1.1/}}creator/{RDF}Seq/{RDF}li")
    assert (str(info.Title), str(info.Author)) == (title, creator)
    assert str(info.Producer) == metadata.findtext(".//{http://ns.adobe.com/pdf/1.3/}Producer")
    for key, name in (("/CreationDate", "CreateDate"), ("/ModDate", "ModifyDate")):
        said = metadata.findtext(f".//{{http://ns.adobe.com/xap/1.0/}}{name}")
        assert said == "2026-11-24T15:30:00Z"
        assert str(info[key]).removeprefix("D:")[:14] == re.sub(r"\D", "", said)


def test_colours_have_an_output_intent_with_its_profile(document: pikepdf.Pdf) -> None:
    (intent,) = document.Root.OutputIntents
    assert intent.S == "/GTS_PDFA1"
    assert b"sRGB" in intent.DestOutputProfile.read_bytes()


def test_all_fonts_are_embedded(document: pikepdf.Pdf) -> None:
    descriptors = [thing for thing in document.objects if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor"]
    assert descriptors
    assert all("/FontFile2" in each or "/FontFile3" in each for each in descriptors)


def test_the_xml_is_listed_once_as_an_alternative_with_its_dates(document: pikepdf.Pdf) -> None:
    (listed,) = document.Root.AF
    assert (str(listed.F), str(listed.UF), str(listed.Desc), str(listed.AFRelationship)) == (
        "factur-x.xml",
        "factur-x.xml",
        "Factur-X Invoice",
        "/Alternative",
    )
    embedded = listed.EF.F
    assert (str(embedded.Type), str(embedded.Subtype)) == ("/EmbeddedFile", "/text/xml")
    assert str(embedded.Params.ModDate) == "D:20261124153000Z"
    assert list(document.attachments) == ["factur-x.xml"]


def test_the_extension_schema_says_what_its_four_properties_are(metadata: ET.Element) -> None:
    values = {name: metadata.findtext(f".//{FX}{name}") for name in ("DocumentFileName", "DocumentType", "Version", "ConformanceLevel")}
    assert values == {"DocumentFileName": "factur-x.xml", "DocumentType": "INVOICE", "Version": "1.0", "ConformanceLevel": "EN 16931"}
    assert metadata.findtext(".//{http://www.aiim.org/pdfa/ns/schema#}namespaceURI") == FX[1:-1]
    assert [each.text for each in metadata.iter("{http://www.aiim.org/pdfa/ns/property#}name")] == list(values)


def test_the_xml_comes_out_byte_for_byte(pdf: bytes, document: pikepdf.Pdf, tmp_path: Path) -> None:
    wanted = invoice_to_cii(paper())
    assert document.attachments["factur-x.xml"].get_file().read_bytes() == wanted
    (tmp_path / "paper.pdf").write_bytes(pdf)
    pdfdetach = shutil.which("pdfdetach") or Path(sys.executable).with_name("pdfdetach")
    subprocess.run([pdfdetach, "-saveall", "-o", tmp_path, tmp_path / "paper.pdf"], check=True)  # of poppler: not one of our libraries
    assert (tmp_path / "factur-x.xml").read_bytes() == wanted


def test_another_process_makes_the_same_bytes(pdf: bytes) -> None:
    child = PdfChild([TEMPLATES])
    assert printed(child, paper()) == pdf
    child.close()


def test_what_is_written_down_once_is_what_the_library_writes() -> None:
    written = []
    for finished in (False, True):
        pdf, stream = pydyf.PDF(), pydyf.Stream(["0 0 10 10 re", "S"], compress=True)
        pdf.add_object(stream)
        pdf.add_page(pydyf.Dictionary({"Type": "/Page", "Parent": pdf.pages.reference, "Contents": stream.reference}))
        if finished:
            finish(None, pdf)
            stream.stream.append("S")  # comes too late
        pdf.write(target := BytesIO(), identifier=True, compress=True)
        written.append(target.getvalue())
    assert written[0] == written[1]


def test_a_paper_without_xml_is_pdf_a_too_and_claims_no_invoice() -> None:
    child = PdfChild([TEMPLATES])
    plain = child.write('<html lang="en"><title>T</title><p>a', identifier="P-1", created_at=WHEN)
    child.close()
    with pikepdf.open(BytesIO(plain)) as document:
        said = document.Root.Metadata.read_bytes()
        assert "/AF" not in document.Root
        assert not document.attachments
    assert b"<pdfaid:part>3</pdfaid:part>" in said
    assert b"factur-x" not in said


def test_it_can_be_read_aloud(pdf: bytes, tmp_path: Path) -> None:
    """PDF/UA-1, as far as a program can judge."""
    (tmp_path / "paper.pdf").write_bytes(pdf)
    result = outloud.check(str(tmp_path / "paper.pdf"))
    assert (result.error, result.findings) == (None, [])
    assert result.stats["tagged"]

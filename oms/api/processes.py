"""`/api/v1/processes`: which there are, their versions and pictures, and what is wrong in a file that isn't deployed yet."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool

from oms.api.addresses import ProcessName
from oms.api.answers.processes import (
    CheckedTold,
    FindingTold,
    ProcessesTold,
    ProcessFileTold,
    ProcessLineTold,
    SourceTold,
    VersionsTold,
    VersionTold,
    WholeProcessTold,
)
from oms.api.bodies import read_body
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.once import OnceRoute
from oms.lookup.processes import VersionLine, deployed_processes, process_data, process_of, source_of, versions_of
from oms.process.graph import to_mermaid
from oms.process.model import Process, title_in
from oms.process.reading.source import LARGEST
from oms.rights import Caller

router = APIRouter(prefix="/processes", tags=["processes"], route_class=OnceRoute)

Reads = Annotated[Caller, Depends(asks("processes.read"))]
Locale = Annotated[str, Query(max_length=20, description="Of the titles.", examples=["de"])]
VersionNumber = Annotated[int | None, Query(ge=1, le=2_000_000_000, description="Left out: what new orders take.")]

EXAMPLE = """\
process: bare
initial: new
states: {new: {}, done: {final: true}}
events: {finish: {manual: true}}
transitions: [{from: new, event: finish, to: done, happy: true}]
"""
_YAML: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/yaml": {"schema": {"description": "at most 256 KB"}, "example": EXAMPLE}},
    }
}
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"description": "Mermaid text.", "content": {"text/plain": {"schema": {"type": "string"}, "example": "stateDiagram-v2\n"}}}
}


async def yaml_body(request: Request) -> bytes:
    """The bytes of a process file: what they say is looked at by the rules of `oms check`."""
    return await read_body(request, limit=LARGEST)


@router.get("", operation_id="listProcesses", responses=failing(422))
def processes(shop: ShopHere, _caller: Reads, locale: Locale = "en") -> ProcessesTold:
    """What new orders take."""
    return ProcessesTold(processes=[ProcessLineTold.model_validate(_line(version, process, locale)) for version, process in deployed_processes(shop)])


@router.post("/check", operation_id="checkProcess", openapi_extra=_YAML, responses=failing(400, 409, 413, 422))
async def check(shop: ShopHere, _caller: Reads, data: Annotated[bytes, Depends(yaml_body)]) -> CheckedTold:
    """Check a process file before it is deployed; its parts are those of the shop. What is wrong is no error of the request: it is the answer."""
    report = await run_in_threadpool(shop.check_text, data)
    return CheckedTold(runs=not report.errors, findings=[FindingTold.model_validate(each) for each in report.findings])


@router.get("/{name:process}", operation_id="getProcess", responses=failing(404, 422))
def process(shop: ShopHere, _caller: Reads, name: ProcessName, version: VersionNumber = None, locale: Locale = "en") -> WholeProcessTold:
    """A process: its states, events and arrows, in the order of the file."""
    line, found = process_of(shop, name, version)
    return WholeProcessTold.model_validate(_line(line, found, locale) | process_data(found, locale=locale))


@router.get("/{name:process}/versions", operation_id="listVersions", responses=failing(404))
def versions(shop: ShopHere, _caller: Reads, name: ProcessName) -> VersionsTold:
    """All contents that a process has had; orders in flight keep theirs."""
    return VersionsTold(name=name, versions=[VersionTold.model_validate(each) for each in versions_of(shop, name)])


@router.get("/{name:process}/source", operation_id="getSource", responses=failing(404, 422))
def source(shop: ShopHere, _caller: Reads, name: ProcessName, version: VersionNumber = None) -> SourceTold:
    """The YAML files of a process, as somebody wrote them: its own and those of its parts."""
    line, files = source_of(shop, name, version)
    return SourceTold(name=name, number=line.number, files=[ProcessFileTold.model_validate(each) for each in files])


@router.get("/{name:process}/diagram", operation_id="getDiagram", response_class=PlainTextResponse, responses=failing(404, 422) | _TEXT)
def diagram(shop: ShopHere, _caller: Reads, name: ProcessName, version: VersionNumber = None, locale: Locale = "en") -> Response:
    """The process as a Mermaid diagram, drawn from what is executed."""
    _, found = process_of(shop, name, version)
    return PlainTextResponse(to_mermaid(found, locale=locale))


def _line(version: VersionLine, process: Process, locale: str) -> dict[str, Any]:
    return asdict(version) | {"title": title_in(locale, process.title, process.name)}

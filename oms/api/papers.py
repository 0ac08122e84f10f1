"""`/api/v1/orders/{reference}/papers`: the papers of an order beside its invoices, such as a delivery note."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from oms.api.documented import a_file, failing
from oms.api.entry import ShopHere, asks
from oms.api.files import file_answer
from oms.api.tags import Had
from oms.errors import NotFound
from oms.lookup.files import pdf_of
from oms.lookup.order import order_page
from oms.rights import Caller

router = APIRouter(prefix="/orders/{reference}/papers", tags=["orders"])


@router.get("/{name}.pdf", operation_id="getPaperPdf", response_class=Response, responses=failing(404, 409) | a_file("application/pdf", "The PDF."))
def pdf(
    reference: str, name: str, request: Request, shop: ShopHere, caller: Annotated[Caller, Depends(asks("orders.read"))], _had: Had = None
) -> Response:
    """The PDF of a paper by its name, such as `delivery_note`: the stored bytes. The order says which papers it has."""
    page = order_page(shop, reference, store=caller.store)
    line = next((each for each in page.papers if each.name == name), None)
    if line is None:
        known = ", ".join(each.name for each in page.papers) or "none"
        raise NotFound(f"The order has no paper of this name. It has: {known}.")
    paper = line.paper
    arguments = {"paper": paper.id}
    data, sha256 = pdf_of(shop, line.file, order=paper.order, job="render_paper", arguments=arguments, what=f"The paper {line.name}")
    return file_answer(request, data, sha256=sha256, name=f"{page.view.head.reference}-{line.name}.pdf")

"""`/stores/{store}/first-steps`: what an installation still lacks, as `oms doctor` finds it, with what to do next. For administrators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from oms.api.entry import ShopHere
from oms.backoffice.failures import PageRoute
from oms.backoffice.rendering import page
from oms.backoffice.visitor import Visitor, Visits
from oms.lookup.doctor import first_of_shop, of_settings, of_shop
from oms.lookup.found import Line

STEPS = "people.manage"
"""The right of administrators: what is found names folders and hosts."""
OF_STEP = {"seller": ("seller",), "logo": ("logo",), "process": ("processes", "deployed"), "worker": ("worker",), "mail": ("sender", "mail")}
"""Step to the lines that must be in order for it."""
LOOKS = {"ok": "done", "note": "attn", "PROBLEM": "fail"}

router = APIRouter(prefix="/stores/{store}/first-steps", route_class=PageRoute)


@router.get("", operation_id="seeFirstSteps")
def show(
    request: Request, visitor: Annotated[Visitor, Depends(Visits(STEPS))], shop: ShopHere, look: Annotated[str, Query(pattern="^(all)?$")] = ""
) -> Response:
    """The steps, done and to be done; below them each thing that was looked at."""
    lines = [*of_settings(shop.settings), *(of_shop(shop) if look else first_of_shop(shop))]
    steps = [_step(name, lines, kinds) for name, kinds in OF_STEP.items()]
    ordered = shop.views.has_orders(visitor.store)
    steps.append({"name": "order", "look": "done" if ordered else "attn"})
    given = {
        "site": visitor.site("overview"),
        "steps": steps,
        "is_ready": all(step["look"] == "done" for step in steps),
        "lines": [{"look": LOOKS[line.mark], "mark": line.mark, "what": line.what, "said": line.said, "mend": line.mend or ""} for line in lines],
        "look": None if look else f"{visitor.at('first-steps')}?look=all",
    }
    return page(request, "first_steps.html", given)


def _step(name: str, lines: Sequence[Line], kinds: Sequence[str]) -> dict[str, Any]:
    """As its worst line; done, if there is none that says otherwise. Of workers a note tells of one that died, while another works."""
    marks = {line.mark for line in lines if line.what.partition(":")[0] in kinds} - ({"note"} if name == "worker" else set())
    return {"name": name, "look": "fail" if "PROBLEM" in marks else "attn" if "note" in marks else "done"}

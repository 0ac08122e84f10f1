"""Order state machines with invoices.

```python
import oms

with oms.open_shop("my-shop") as shop:
    shop.place(order_document)
    shop.trigger("A-1001", "pay", payload={"amount": "168.80", "reference": "tx_1"})
    shop.work()
```

Stable are the names in `__all__`, the keyword arguments of `Shop.place`, `.trigger`, `.work` and `.deploy`, and what commands, conditions and
jobs are given (`oms.engine.context`). Everything else may change with a minor version; the changelog says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oms import errors
    from oms.bootstrap import Shop, open_shop
    from oms.extensions import on

__version__ = "0.1.0"

__all__ = ["Shop", "__version__", "errors", "on", "open_shop"]

_HOMES = {"Shop": "oms.bootstrap", "open_shop": "oms.bootstrap", "on": "oms.extensions"}


def __getattr__(name: str) -> object:
    """Loaded at first use: the child processes that make PDFs need none of it."""
    from importlib import import_module  # noqa: PLC0415 - only here

    if name == "errors":
        return import_module("oms.errors")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'oms' has no attribute {name!r}")

"""The demo: a shop with 30 orders, and one order walking from placed to closed. The engine makes it all; nothing leaves the machine."""

from oms.demo.show import MOVE, run

__all__ = ["MOVE", "run"]

"""The HTTP interface: a door. It reads requests, asks the engine, and turns answers and errors into JSON (RFC 9457)."""

from oms.api.app import make_app

__all__ = ["make_app"]

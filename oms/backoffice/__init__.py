"""The back office: pages for people of the shop, written by the server. A door like the API: it asks the same questions and lets the same happen."""

from oms.backoffice.app import make_site

__all__ = ["make_site"]

"""Mail addresses and headers: what may stand in them. Nothing is looked up."""

from __future__ import annotations

import re
from difflib import get_close_matches

FORBIDDEN = frozenset("\r\n\0\v\f\x1c\x1d\x1e\x85\u2028\u2029")
"""Whatever some program takes for the end of a line, and NUL: in a header it would begin another one (S41)."""

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", re.ASCII)

_LISTED = """
0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0147 0151 0154 0158 0170 0177 0183 0184 0188 0190 0191 0192 0193 0194 0195 0196 0198
0199 0200 0201 0202 0203 0204 0205 0208 0209 0210 0211 0212 0213 0215 0216 0217 0218 0221 0225 0230 0235 0240 0242 0244 0245 0246 0248
9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 9942 9943
9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 9957 9959 AN AQ AS AU EM
"""
SCHEMES = frozenset(_LISTED.split())
"""Schemes of electronic addresses (EAS) that the rules for both syntaxes know (BR-CL-25). A test compares them with the rules."""
_ELECTRONIC = re.compile(r"(\d{4}|A[NQSU]|EM):[A-Za-z0-9@._:+/-]{1,80}", re.ASCII)


def wire_address(text: str) -> str | None:
    """The address as it travels, its domain in ASCII (IDNA); None when this isn't exactly one plain address.

    Names, lists, comments, blanks and quoted parts are none. Before the @ only ASCII: not every server on the way speaks
    SMTPUTF8, and a mail that may or may not arrive is worse than one that is refused at once.
    """
    local, at, domain = text.rpartition("@")
    try:
        wire = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    if not at or len(local) > 64 or len(wire) > 253 or _LOCAL.fullmatch(local) is None or _DOMAIN.fullmatch(wire) is None:  # noqa: PLR2004 - RFC 5321, 4.5.3.1
        return None
    return f"{local}@{wire}"


def is_address(text: str) -> bool:
    """Whether this is exactly one plain mail address."""
    return wire_address(text) is not None


def is_electronic_address(text: str) -> bool:
    """Whether this is where e-invoices go: a scheme of the European list (EAS) and what identifies somebody in it, `0204:991-12345-06`."""
    return _ELECTRONIC.fullmatch(text) is not None


def unknown_scheme(text: str) -> str | None:
    """What is wrong with the scheme of an electronic address, as the end of a sentence; None: it stands in the list."""
    scheme = text.partition(":")[0]
    if scheme in SCHEMES:
        return None
    near = get_close_matches(scheme, sorted(SCHEMES), n=1, cutoff=0.75)
    meant = f": did you mean {near[0]}?" if near else "."
    usual = "Usual are 0204 (Leitweg-ID), 9930 (German VAT id), 0088 (GLN) and EM (mail address)."
    return f"begins with {scheme}, which is no scheme of the European list (EAS){meant} {usual}"

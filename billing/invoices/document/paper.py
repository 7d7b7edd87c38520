"""Which paper a country prints on."""

from __future__ import annotations

LETTER_COUNTRIES = frozenset(
    (
        *("US", "CA", "MX", "PR", "GU", "VI", "AS", "MP", "PH", "CL", "CO", "VE", "CR"),
        *("GT", "PA", "NI", "SV", "DO", "BZ", "HN"),
    )
)
"""Those whose paper is US Letter, as Unicode's CLDR tells (``measurementData``, paper size)."""


def paper_of(country: str) -> str:
    """``us-letter`` or ``a4``, as the layout names them."""
    return "us-letter" if country.upper() in LETTER_COUNTRIES else "a4"

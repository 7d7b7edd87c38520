"""Parameters that say from where a request may come."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator

# Names of hosts have 253 letters at the most (RFC 1035 section 2.3.4).
_ORIGIN = re.compile(r"https?://([a-z0-9.-]{1,253}|\[[0-9a-f:.]{1,251}\])(:[0-9]{1,5})?")


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(
            f"'{text}' is neither an address nor a network. Use '203.0.113.7' or '203.0.113.0/24'."
        ) from error
    return text


def _origin(text: str) -> str:
    origin = text.lower().removesuffix("/")
    if origin != "*" and not _ORIGIN.fullmatch(origin):
        raise ValueError(f"'{text}' is no origin. Use 'https://app.example.com', or '*' for all.")
    return origin


Network = Annotated[str, AfterValidator(_network)]
"""An address, or a network as CIDR has it."""
Origin = Annotated[str, AfterValidator(_origin)]
"""The origin of a page as browsers write it, or '*' for all."""

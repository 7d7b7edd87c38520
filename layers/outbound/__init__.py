"""The only way out: HTTP that reaches no address which the instance does not allow.

The HTTP client is loaded when it is first named, so that whoever wants the address tables alone
(the sandbox's egress broker) does without an HTTP library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layers.outbound.policy import AddressPolicy

if TYPE_CHECKING:
    from layers.outbound.client import ClientLimits, OutboundClient

__all__ = ["AddressPolicy", "ClientLimits", "OutboundClient"]


def __getattr__(name: str) -> Any:
    if name in ("ClientLimits", "OutboundClient"):
        from layers.outbound import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

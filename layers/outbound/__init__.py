"""The only way out: HTTP that reaches no address which the instance does not allow."""

from layers.outbound.client import ClientLimits, OutboundClient
from layers.outbound.policy import AddressPolicy

__all__ = ["AddressPolicy", "ClientLimits", "OutboundClient"]

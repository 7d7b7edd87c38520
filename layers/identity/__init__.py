"""Who calls, and what they may do."""

from layers.identity.authenticator import Authenticator
from layers.identity.caller import Caller, Via
from layers.identity.permissions import PERMISSIONS_OF, Permission

__all__ = ["PERMISSIONS_OF", "Authenticator", "Caller", "Permission", "Via"]

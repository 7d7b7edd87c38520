"""What a change of an OAuth credential's fields means for its secret and for its tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping

from layers.contract import CredentialType
from layers.credentials.fields import TEST_URL

_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def leads_elsewhere(
    kind: CredentialType, former: Mapping[str, str], values: Mapping[str, str]
) -> str:
    """The first changed field that decides where the client secret is sent; empty for none.

    A field behind the host of an address, such as Microsoft's tenant, leads nowhere else.
    """
    if kind.oauth is None:
        return ""
    for address in (kind.oauth.token_url, kind.oauth.revocation_url, kind.oauth.issuer):
        origin = address if address.startswith("{") else "/".join(address.split("/")[:3])
        for name in _FIELD.findall(origin):
            if former.get(name) != values.get(name):
                return str(name)
    return ""


def needs_connecting_again(
    kind: CredentialType, former: Mapping[str, str], values: Mapping[str, str]
) -> bool:
    """Whether tokens that were given for the former fields are not those for these."""
    shown = {one.name for one in kind.fields if not one.secret and one.name != TEST_URL.name}
    return any(former.get(name, "") != values.get(name, "") for name in shown)

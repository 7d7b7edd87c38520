"""The table of roles, word for word: what walks over it elsewhere would follow a mistake in it."""

from __future__ import annotations

from layers.database.models import Role
from layers.identity.permissions import PERMISSIONS_OF, Permission

VIEWER = {
    "self",
    "workflow:read",
    "execution:read",
    "variable:read",
    "package_policy:read",
    "plugin:read",
    "member:read",
    "workspace:read",
}
EDITOR = VIEWER | {
    "workflow:write",
    "workflow:execute",
    "credential:read",
    "credential:write",
    "credential:use",
    "variable:write",
    "code:run",
    "api_key:read",
    "api_key:write",
}
ADMIN = EDITOR | {
    "api_key:all",
    "audit:read",
    "member:write",
    "workspace:write",
    "package_policy:write",
    "plugin:write",
    "billing:read",
}
OWNER = ADMIN | {"billing:write"}


def test_each_role_may_do_this_and_nothing_else() -> None:
    table = {
        role: {str(one) for one in permissions} for role, permissions in PERMISSIONS_OF.items()
    }
    assert table == {
        Role.VIEWER: VIEWER,
        Role.EDITOR: EDITOR,
        Role.ADMIN: ADMIN,
        Role.OWNER: OWNER,
    }


def test_an_owner_may_do_everything() -> None:
    assert {str(permission) for permission in Permission} == OWNER

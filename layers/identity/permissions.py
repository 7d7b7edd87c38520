"""The one table of what each role may do."""

from __future__ import annotations

from enum import StrEnum

from layers.database.models import Role


class Permission(StrEnum):
    """A verb on a kind of thing. Every route that is not public asks for exactly one."""

    SELF = "self"
    """To see oneself and sign out: everybody who is signed in."""
    WORKFLOW_READ = "workflow:read"
    WORKFLOW_WRITE = "workflow:write"
    WORKFLOW_EXECUTE = "workflow:execute"
    EXECUTION_READ = "execution:read"
    CREDENTIAL_READ = "credential:read"
    CREDENTIAL_WRITE = "credential:write"
    CREDENTIAL_USE = "credential:use"
    VARIABLE_READ = "variable:read"
    VARIABLE_WRITE = "variable:write"
    CODE_RUN = "code:run"
    PACKAGE_POLICY_READ = "package_policy:read"
    PACKAGE_POLICY_WRITE = "package_policy:write"
    API_KEY_READ = "api_key:read"
    API_KEY_WRITE = "api_key:write"
    API_KEY_ALL = "api_key:all"
    """To deal with other members' keys too."""
    MEMBER_READ = "member:read"
    MEMBER_WRITE = "member:write"
    WORKSPACE_READ = "workspace:read"
    WORKSPACE_WRITE = "workspace:write"
    AUDIT_READ = "audit:read"
    PLUGIN_READ = "plugin:read"
    PLUGIN_WRITE = "plugin:write"
    BILLING_READ = "billing:read"
    BILLING_WRITE = "billing:write"


_VIEWER = frozenset(
    {
        Permission.SELF,
        Permission.WORKFLOW_READ,
        Permission.EXECUTION_READ,
        Permission.VARIABLE_READ,
        Permission.PACKAGE_POLICY_READ,
        Permission.PLUGIN_READ,
        Permission.MEMBER_READ,
        Permission.WORKSPACE_READ,
    }
)
_EDITOR = _VIEWER | {
    Permission.WORKFLOW_WRITE,
    Permission.WORKFLOW_EXECUTE,
    Permission.CREDENTIAL_READ,
    Permission.CREDENTIAL_WRITE,
    Permission.CREDENTIAL_USE,
    Permission.VARIABLE_WRITE,
    Permission.CODE_RUN,
    Permission.API_KEY_READ,
    Permission.API_KEY_WRITE,
}
_ADMIN = _EDITOR | {
    Permission.API_KEY_ALL,
    Permission.AUDIT_READ,
    Permission.MEMBER_WRITE,
    Permission.WORKSPACE_WRITE,
    Permission.PACKAGE_POLICY_WRITE,
    Permission.PLUGIN_WRITE,
    Permission.BILLING_READ,
}
_OWNER = _ADMIN | {Permission.BILLING_WRITE}

PERMISSIONS_OF: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.EDITOR: _EDITOR,
    Role.ADMIN: _ADMIN,
    Role.OWNER: _OWNER,
}

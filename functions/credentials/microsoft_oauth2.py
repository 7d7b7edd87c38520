"""The credential ``microsoft_oauth2``."""

from layers.contract import BEARER, CredentialField, CredentialType, OAuth, Probe

credential_type = CredentialType(
    type="microsoft_oauth2",
    title="Microsoft",
    summary="Outlook, OneDrive, Teams and others through Microsoft Graph, after signing in.",
    fields=(
        CredentialField("tenant", "Tenant", default="common"),
        CredentialField("client_id", "Client id", required=False),
        CredentialField("client_secret", "Client secret", secret=True, required=False),
        CredentialField("scopes", "Scopes", default="openid email offline_access User.Read"),
    ),
    signing=BEARER,
    oauth=OAuth(provider="microsoft", issuer="https://login.microsoftonline.com/{tenant}/v2.0"),
    hosts=("graph.microsoft.com",),
    hosts_required=True,
    probe=Probe("{userinfo_endpoint}"),
)

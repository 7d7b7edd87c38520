"""The credential ``google_oauth2``."""

from layers.contract import BEARER, CredentialField, CredentialType, OAuth, Probe

credential_type = CredentialType(
    type="google_oauth2",
    title="Google",
    summary="Gmail, Drive, Calendar, Sheets and others, after signing in with Google.",
    fields=(
        CredentialField("client_id", "Client id", required=False),
        CredentialField("client_secret", "Client secret", secret=True, required=False),
        CredentialField("scopes", "Scopes", default="openid email"),
    ),
    signing=BEARER,
    oauth=OAuth(
        provider="google",
        issuer="https://accounts.google.com",
        # Only with both does Google give a refresh token each time one connects.
        authorization_params={"access_type": "offline", "prompt": "consent"},
    ),
    hosts=("*.googleapis.com",),
    hosts_required=True,
    probe=Probe("{userinfo_endpoint}"),
)

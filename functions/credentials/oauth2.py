"""The credential ``oauth2``."""

from layers.contract import BEARER, CredentialField, CredentialType, OAuth, Probe
from layers.credentials.fields import TEST_URL

credential_type = CredentialType(
    type="oauth2",
    title="OAuth 2.0",
    summary="Any other system with the authorization code grant; PKCE is always used.",
    fields=(
        CredentialField("authorization_url", "Authorization address", form="url"),
        CredentialField("token_url", "Token address", form="url"),
        CredentialField("client_id", "Client id"),
        CredentialField("client_secret", "Client secret", secret=True, required=False),
        CredentialField("scopes", "Scopes", required=False),
        CredentialField(
            "client_authentication",
            "Client secret is sent",
            default="body",
            choices=("body", "basic"),
        ),
        TEST_URL,
    ),
    signing=BEARER,
    oauth=OAuth(
        provider="generic",
        authorization_url="{authorization_url}",
        token_url="{token_url}",  # noqa: S106  (an address)
        client_authentication="{client_authentication}",
    ),
    hosts_required=True,
    probe=Probe("{test_url}"),
)

"""The credential ``http_basic``."""

from layers.contract import CredentialField, CredentialType, Probe, Signing
from layers.credentials.fields import TEST_URL

credential_type = CredentialType(
    type="http_basic",
    title="User name and password",
    summary="HTTP Basic authentication, for requests and for webhooks.",
    fields=(
        CredentialField("username", "User name"),
        CredentialField("password", "Password", secret=True),
        TEST_URL,
    ),
    signing=Signing(basic=("{username}", "{password}")),
    probe=Probe("{test_url}"),
)

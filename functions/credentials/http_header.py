"""The credential ``http_header``."""

from layers.contract import CredentialField, CredentialType, Probe, Signing
from layers.credentials.fields import TEST_URL

credential_type = CredentialType(
    type="http_header",
    title="Secret header",
    summary="A header with a secret value, for requests and for webhooks.",
    fields=(
        CredentialField("name", "Header", default="X-API-Key"),
        CredentialField("value", "Value", secret=True),
        TEST_URL,
    ),
    signing=Signing(headers={"{name}": "{value}"}),
    probe=Probe("{test_url}"),
)

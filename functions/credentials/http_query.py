"""The credential ``http_query``."""

from layers.contract import CredentialField, CredentialType, Probe, Signing
from layers.credentials.fields import TEST_URL

credential_type = CredentialType(
    type="http_query",
    title="Secret query parameter",
    summary="A query parameter with a secret value.",
    fields=(
        CredentialField("name", "Parameter", default="api_key"),
        CredentialField("value", "Value", secret=True),
        TEST_URL,
    ),
    signing=Signing(query={"{name}": "{value}"}),
    hosts_required=True,
    probe=Probe("{test_url}"),
)

"""The credential ``http_bearer``."""

from layers.contract import BEARER, CredentialField, CredentialType, Probe
from layers.credentials.fields import TEST_URL

credential_type = CredentialType(
    type="http_bearer",
    title="Bearer token",
    summary="Sent as 'Authorization: Bearer …'.",
    fields=(CredentialField("token", "Token", secret=True), TEST_URL),
    signing=BEARER,
    hosts_required=True,
    probe=Probe("{test_url}"),
)

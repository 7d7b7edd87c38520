"""The credential ``hmac``."""

from layers.contract import CredentialField, CredentialType, Signing
from layers.credentials import hmac_signature

_FIELDS = (
    CredentialField("secret", "Secret", secret=True),
    CredentialField("header", "Header of the signature", default="X-Signature"),
    CredentialField(
        "algorithm", "Algorithm", default="sha256", choices=("sha1", "sha256", "sha512")
    ),
    CredentialField("encoding", "Encoding", default="hex", choices=("hex", "base64", "base64url")),
    CredentialField("prefix", "Text before the signature", required=False),
    CredentialField("signed_text", "What is signed", required=False, default="{body}"),
    CredentialField("signature_part", "Part of the header, such as v1", required=False),
    CredentialField("timestamp_part", "Part with the time, such as t", required=False),
    CredentialField("timestamp_header", "Header of the time", required=False),
    CredentialField(
        "tolerance_s", "Seconds that the time may be off", required=False, default="300"
    ),
    CredentialField(
        "secret_encoding",
        "The secret is written as",
        default="text",
        choices=("text", "base64", "hex"),
    ),
)

credential_type = CredentialType(
    type="hmac",
    title="Signature of the body",
    summary=(
        "A webhook's sender signs the body with a shared secret (HMAC); requests can be signed so,"
        " too. docs/webhooks.md has the settings for Stripe, Slack, GitHub, Shopify, Twilio and"
        " others."
    ),
    fields=_FIELDS,
    signing=Signing(hmac={one.name: f"{{{one.name}}}" for one in _FIELDS}),
    mistake=hmac_signature.mistake,
)

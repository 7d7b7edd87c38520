"""Media types (RFC 9110 section 8.3): what a Content-Type says about a body."""

from __future__ import annotations

from email.message import Message

# Taking parameters apart costs time by the square of their length.
_MEANT = 4096

_JSON = frozenset(
    {
        "application/json",
        "text/json",
        "application/x-json",
        "text/x-json",
        "application/csp-report",
        "application/javascript+json",
    }
)
_JSON_LINES = frozenset(
    {
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/x-jsonl",
        "application/jsonlines",
        "application/x-jsonlines",
        "application/json-lines",
        "application/stream+json",
        "text/x-ndjson",
        "text/jsonl",
    }
)
_TEXT = frozenset(
    {
        "application/xml",
        "application/graphql",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/javascript",
        "application/x-javascript",
        "application/ecmascript",
        "application/sql",
        "application/rtf",
        "application/x-sh",
        "application/x-httpd-php",
        "application/jwt",
        "application/jose",
        "application/sdp",
        "application/x-pem-file",
        "application/pem-certificate-chain",
        "application/xml-dtd",
        "application/x-subrip",
        "application/vnd.apple.mpegurl",
        "application/x-mpegurl",
        "application/secevent+jwt",
        "message/rfc822",
        "message/http",
        "message/delivery-status",
        "message/disposition-notification",
    }
)


def media_type(header: str) -> str:
    """The type in lower case without parameters, such as ``text/html``; empty where none is."""
    return header.partition(";")[0].strip().lower()


def parameters(header: str) -> dict[str, str]:
    """The parameters of a Content-Type by lower-case name, quotes undone, the first of a name."""
    if ";" not in header:
        return {}
    message = Message()
    message["Content-Type"] = header[:_MEANT].replace("\r", " ").replace("\n", " ")
    found: dict[str, str] = {}
    given: list[tuple[str, object]] = list(message.get_params(unquote=True) or ())
    for name, value in given[1:]:
        # An extended value (RFC 2231) is a triple of charset, language and text.
        text = value[2] if isinstance(value, tuple) else value
        found.setdefault(name.lower(), str(text))
    return found


def charset_of(header: str) -> str | None:
    """The charset that a Content-Type names."""
    return (parameters(header).get("charset") or "").strip().strip("'\"") or None


def is_json(kind: str) -> bool:
    """Whether a media type means one JSON value."""
    return kind in _JSON or (kind.endswith("+json") and kind not in _JSON_LINES)


def is_json_lines(kind: str) -> bool:
    """Whether a media type means a JSON value on each line."""
    return kind in _JSON_LINES


def is_form(kind: str) -> bool:
    """Whether a media type means URL-encoded fields."""
    return kind == "application/x-www-form-urlencoded"


def is_multipart(kind: str) -> bool:
    """Whether a media type means parts with headers of their own (RFC 2046 section 5.1)."""
    return kind.startswith("multipart/")


def is_text(kind: str) -> bool:
    """Whether a media type means text that is not JSON and no form."""
    if is_json(kind) or is_json_lines(kind) or is_form(kind):
        return False
    return kind.startswith("text/") or kind in _TEXT or kind.endswith(("+xml", "+yaml"))

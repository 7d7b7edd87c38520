"""Media types that mean JSON, lines of JSON, forms, parts and text."""

import pytest

from layers.media import types


@pytest.mark.parametrize(
    ("kind", "means"),
    [
        ("application/json", "is_json"),
        ("text/json", "is_json"),
        ("application/csp-report", "is_json"),
        ("application/reports+json", "is_json"),
        ("application/vnd.api+json", "is_json"),
        ("application/x-ndjson", "is_json_lines"),
        ("application/jsonl", "is_json_lines"),
        ("application/stream+json", "is_json_lines"),
        ("application/x-www-form-urlencoded", "is_form"),
        ("multipart/form-data", "is_multipart"),
        ("multipart/mixed", "is_multipart"),
        ("text/plain", "is_text"),
        ("application/graphql", "is_text"),
        ("application/yaml", "is_text"),
        ("image/svg+xml", "is_text"),
        ("application/soap+xml", "is_text"),
        ("image/png", None),
        ("application/octet-stream", None),
        ("application/pdf", None),
        ("", None),
    ],
)
def test_each_kind_means_one_thing(kind: str, means: str | None) -> None:
    asked = ("is_json", "is_json_lines", "is_form", "is_multipart", "is_text")
    assert [name for name in asked if getattr(types, name)(kind)] == ([means] if means else [])


def test_parameters_are_read() -> None:
    header = 'Multipart/Form-Data; boundary="a;b\\"c"; Charset=UTF-8; charset=latin-1'
    assert types.media_type(header) == "multipart/form-data"
    assert types.parameters(header) == {"boundary": 'a;b"c', "charset": "UTF-8"}
    assert types.charset_of("text/plain; charset='utf-8'") == "utf-8"
    assert types.charset_of("text/plain; charset=") is None
    assert types.charset_of("text/plain") is None
    assert types.parameters("text/plain; x\r\n: y") == {"x  : y": ""}


def test_a_hostile_header_is_looked_at_in_part() -> None:
    assert types.parameters("a;" + '";' * 1_000_000 + "charset=utf-8").get("charset") is None

"""In which character set an answer is read, and what JSON may be."""

from __future__ import annotations

import codecs
import json

import pytest

from layers.contract import Json
from layers.outbound.memory import ScriptedClient, answer
from tests.nodes_net.exchange import scripted, scripted_error

ZOE = '{"n":"Zoë €"}'
URL = "http://a.test/"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (ZOE.encode("iso-8859-15"), "application/json; charset=ISO-8859-15"),
        (ZOE.encode("cp1252"), 'application/json;charset="windows-1252"'),
        (codecs.BOM_UTF16_LE + ZOE.encode("utf-16-le"), "application/json"),
        (codecs.BOM_UTF16_BE + ZOE.encode("utf-16-be"), "application/json; charset=utf-16"),
        (codecs.BOM_UTF32_LE + ZOE.encode("utf-32-le"), "application/json"),
        (ZOE.encode("utf-16-be"), "application/json"),
        (codecs.BOM_UTF8 + ZOE.encode(), "application/vnd.api+json"),
        (ZOE.encode(), "text/json; charset=utf-8"),
        (ZOE.encode(), "application/json; charset=punycode"),
        (ZOE.encode(), "application/json; charset=nonsense"),
        (ZOE.encode(), ""),
        (b"  " + ZOE.encode(), ""),
    ],
    ids=[
        *("latin-9", "windows-1252", "utf-16-le", "utf-16-be", "utf-32", "utf-16 unmarked"),
        *("utf-8 mark", "text/json", "punycode", "nonsense", "no type", "no type, blanks"),
    ],
)
@pytest.mark.parametrize("wanted", ["auto", "json"])
def test_json_is_read_in_the_charset_that_it_is_in(content: bytes, kind: str, wanted: str) -> None:
    client = ScriptedClient([answer(content, headers={"Content-Type": kind} if kind else {})])
    [item] = scripted({"url": URL, "response": wanted}, client)
    assert item["body"] == {"n": "Zoë €"}


def test_pages_and_errors_are_read_so_as_well() -> None:
    headers = {"Content-Type": "application/json; charset=ISO-8859-15"}
    page = '{"rows": [{"n": "ë"}], "next": "€"}'.encode("iso-8859-15")
    client = ScriptedClient(
        [answer(page, headers=headers), answer(b'{"rows": []}', headers=headers)]
    )
    paging = {"mode": "cursor", "cursor_path": "next", "items_path": "rows"}
    assert scripted({"url": URL, "pagination": paging}, client) == [{"n": "ë"}]
    assert client.requests[1].url == "http://a.test/?cursor=%E2%82%AC"
    error = scripted_error(
        {"url": URL}, ScriptedClient([answer("zu groß €".encode("iso-8859-15"), 413, headers)])
    )
    assert "zu groß €" in error.message
    assert error.detail["body"] == "zu groß €"


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        ("é€".encode("cp1252"), "text/html; charset=iso-8859-1", "é€"),
        (b'<meta charset="koi8-r">\xd4', "text/html", '<meta charset="koi8-r">т'),
        (
            b"<META http-equiv=Content-Type content='text/html; charset=shift_jis'>\x82\xa0",
            "text/html",
            "<META http-equiv=Content-Type content='text/html; charset=shift_jis'>あ",
        ),
        (b"<!-- <meta charset=koi8-r> -->\xc3\xa9", "text/html", "<!-- <meta charset=koi8-r> -->é"),
        (b"<meta charset=utf-16>\xc3\xa9", "text/html", "<meta charset=utf-16>é"),
        (b"<meta charset=punycode>\xc3\xa9", "text/html", "<meta charset=punycode>é"),
        (b" " * 1024 + b"<meta charset=koi8-r>\xff", "text/html", None),
        (
            b'<?xml version="1.0" encoding="iso-8859-2"?><a>\xb1</a>',
            "application/xml",
            '<?xml version="1.0" encoding="iso-8859-2"?><a>ą</a>',
        ),
        (
            b'<?xml version="1.0" encoding="iso-8859-2"?><a>\xc4\x85</a>',
            "text/xml; charset=utf-8",
            '<?xml version="1.0" encoding="iso-8859-2"?><a>ą</a>',
        ),
        ("<?xml version='1.0'?>ą".encode("utf-16-be"), "image/svg+xml", "<?xml version='1.0'?>ą"),
        ("ą".encode("utf-16"), "text/plain", "ą"),
        ("中".encode("gb18030"), "text/csv; charset=GB2312", "中"),
        (b"caf\xe9", "text/plain", "caf\ufffd"),
        (b"\xe9", "text/plain; charset=unicode_escape", "\ufffd"),
    ],
)
def test_text_is_read_as_its_standard_says(content: bytes, kind: str, text: str | None) -> None:
    [item] = scripted(
        {"url": URL}, ScriptedClient([answer(content, headers={"Content-Type": kind})])
    )
    if text is None:
        assert item["body"].endswith("\ufffd")
    else:
        assert item["body"] == text


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/jsonl; charset=utf-8"])
def test_json_one_to_a_line_is_a_list(kind: str) -> None:
    content = b'{"a": 1}\r\n\n[2]\n"x"'
    client = ScriptedClient([answer(content, headers={"Content-Type": kind})])
    [item] = scripted({"url": URL}, client)
    assert item["body"] == [{"a": 1}, [2], "x"]
    paged = ScriptedClient([answer(content, headers={"Content-Type": kind})])
    items = scripted({"url": URL, "pagination": {"mode": "next_url", "items_path": ""}}, paged)
    assert items == [{"a": 1}, {"value": [2]}, {"value": "x"}]


@pytest.mark.parametrize("wanted", ["auto", "json"])
def test_a_number_that_no_float_can_hold_is_an_error_that_names_the_place(wanted: str) -> None:
    content = b'{"n": 7615917337495251231, "list": [1, {"f": 1e400}]}'
    client = ScriptedClient([answer(content, headers={"Content-Type": "application/json"})])
    error = scripted_error({"url": URL, "response": wanted}, client)
    assert error.kind == "invalid_response"
    assert "1e400 at /list/1/f" in error.message
    assert "'response' to 'text'" in error.message


@pytest.mark.parametrize("number", [7615917337495251231, 2**64 - 1, -(10**30), 1.5e300])
def test_other_large_numbers_stay_exact(number: Json) -> None:
    content = json.dumps({"n": number}).encode()
    client = ScriptedClient([answer(content, headers={"Content-Type": "application/json"})])
    [item] = scripted({"url": URL}, client)
    assert item["body"] == {"n": number}
    assert type(item["body"]["n"]) is type(number)


def test_a_file_without_media_type_stays_a_file() -> None:
    [item] = scripted({"url": URL}, ScriptedClient([answer(b"\xff{")]))
    assert item["body"] is None
    assert [file.size for file in item.files] == [2]

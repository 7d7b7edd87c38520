"""Cases from people's bug reports: what goes out over HTTP."""

from __future__ import annotations

from typing import Any

from tests.cases.conftest import Bench, Service, answer_of, output_of, step_of


def request(url: str, **params: Any) -> dict[str, Any]:
    return {"id": "r", "type": "http_request", "params": {"url": url, **params}}


def answered(bench: Bench, service: Service, **params: Any) -> Any:
    found = bench.run(request(service.url, **params))
    assert found["status"] == "succeeded", found["error"]
    return output_of(found, "r")[0]


def test_http_brotli_unasked(bench: Bench, service: Service) -> None:
    content = bytes.fromhex("0b03807b226e223a317d03")
    service.gives(content, "Content-Encoding: br", "Content-Type: application/json")
    assert answered(bench, service)["body"] == {"n": 1}
    service.gives(b"??", "Content-Encoding: secret", "Content-Type: application/json")
    found = bench.run(request(service.url))
    assert (found["status"], "secret" in str(found["error"])) == ("failed", True)


def test_http_cookies_on_redirect(bench: Bench, service: Service) -> None:
    def login(sent: bytes) -> bytes:
        if sent.startswith(b"GET /a"):
            hop = ("Location: /b", "Set-Cookie: sid=abc; Path=/")
            return answer_of(b"", *hop, status="302 Found")
        if b"sid=abc" in sent:
            return answer_of(b"in")
        return answer_of(b"out", status="403 Forbidden")

    service.answer = login
    found = bench.run(request(f"{service.url}/a"))
    assert found["status"] == "succeeded", found["error"]
    assert "sid=abc" in str(output_of(found, "r")[0])


def test_http_json_charset(bench: Bench, service: Service) -> None:
    for charset in ("ISO-8859-15", "utf-16"):
        body = '{"n":"Zoë €"}'.encode(charset)
        service.gives(body, f"Content-Type: application/json; charset={charset}")
        assert answered(bench, service)["body"] == {"n": "Zoë €"}


def test_http_long_header(bench: Bench, service: Service) -> None:
    service.gives(b"{}", "Content-Security-Policy: " + "x" * 12_000)
    assert answered(bench, service)["status"] == 200
    service.gives(b"{}", "Content-Security-Policy: " + "x" * 100_000)
    found = bench.run(request(service.url))
    assert (found["status"], "longer" in str(found["error"])) == ("failed", True)


def test_http_multipart_upload(bench: Bench, service: Service) -> None:
    def answer(sent: bytes) -> bytes:
        if sent.startswith(b"GET"):
            return answer_of(b"\x89PNG123", "Content-Type: image/png")
        return answer_of(b"{}", "Content-Type: application/json")

    service.answer = answer
    body = {"title": "x", "doc": {"file": "a.png"}}
    found = bench.run(
        {"id": "get", "type": "http_request", "params": {"url": f"{service.url}/a.png"}},
        request(f"{service.url}/up", method="POST", body_type="multipart", body=body),
    )
    assert found["status"] == "succeeded", found["error"]
    sent = service.seen[-1]
    assert b'name="title"' in sent
    assert b'filename="a.png"' in sent
    assert b"\x89PNG123" in sent
    assert b"Content-Type: image/png" in sent


def test_http_number_overflow_null(bench: Bench, service: Service) -> None:
    service.gives(b'{"n": 7615917337495251231, "f": 1e400}', "Content-Type: application/json")
    found = bench.run(request(service.url))
    assert (found["status"], "/f" in str(found["error"])) == ("failed", True)
    service.gives(b'{"n": 76159173374952512310000}', "Content-Type: application/json")
    assert answered(bench, service)["body"] == {"n": 76159173374952512310000}


def test_http_pagination_in_body(bench: Bench, service: Service) -> None:
    def page(sent: bytes) -> bytes:
        if b'"after":"x"' in sent.replace(b" ", b""):
            return answer_of(b'{"data":[2],"next":null}', "Content-Type: application/json")
        return answer_of(b'{"data":[1],"next":"x"}', "Content-Type: application/json")

    service.answer = page
    pagination = {
        "mode": "cursor",
        "items_path": "data",
        "cursor_path": "next",
        "in": "body",
        "parameter": "variables.after",
    }
    found = bench.run(
        request(
            service.url,
            method="POST",
            body={"variables": {"after": None}},
            pagination=pagination,
        )
    )
    assert found["status"] == "succeeded", found["error"]
    assert len(output_of(found, "r")) == 2
    assert step_of(found, "r")["attempt"] == 1


def test_http_url_as_written(bench: Bench, service: Service) -> None:
    path = "/p%2Fq/a%28b%29?sig=a%2Fb%2Bc&t=10%3A00&e=%40&br=a[]"
    service.gives(b"{}")
    bench.run(request(service.url + path))
    assert service.seen[0].startswith(f"GET {path} HTTP/1.1".encode())
    bench.run(request(f"{service.url}/ä b"))
    assert service.seen[1].startswith(b"GET /%C3%A4%20b HTTP/1.1")

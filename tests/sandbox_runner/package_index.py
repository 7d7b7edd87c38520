"""A small package index on this machine, with wheels and source archives made here."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import tarfile
import threading
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n"
# Needs nothing else to build a wheel of one module, and tries to leave a mark while it does.
BACKEND = """
import os, zipfile
def _mark():
    try:
        with open({mark!r}, 'w') as file: file.write('built')
    except OSError: pass
def build_wheel(folder, config_settings=None, metadata_directory=None):
    _mark()
    name = '{name}-1.0-py3-none-any.whl'
    with zipfile.ZipFile(os.path.join(folder, name), 'w') as wheel:
        wheel.writestr('{name}.py', 'BUILT_ON = ' + repr(os.uname().nodename))
        wheel.writestr('{name}-1.0.dist-info/METADATA', {metadata!r})
        wheel.writestr('{name}-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nTag: py3-none-any\\n')
        wheel.writestr('{name}-1.0.dist-info/RECORD', '')
    return name
"""


def make_wheel(
    name: str,
    version: str,
    files: Mapping[str, bytes],
    needs: Sequence[str] = (),
    modes: Mapping[str, int] | None = None,
) -> tuple[str, bytes]:
    """Return a pure wheel's file name and bytes; ``modes`` are of files that are not plain."""
    about = METADATA.format(name, version) + "".join(f"Requires-Dist: {one}\n" for one in needs)
    info = f"{name}-{version}.dist-info"
    parts = {
        **files,
        f"{info}/METADATA": about.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{path},sha256={_digest(data)},{len(data)}\n" for path, data in parts.items()]
    parts[f"{info}/RECORD"] = "".join([*lines, f"{info}/RECORD,,\n"]).encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, data in parts.items():
            entry = zipfile.ZipInfo(path)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (modes or {}).get(path, 0o100644) << 16
            wheel.writestr(entry, data)
    return f"{name}-{version}-py3-none-any.whl", written.getvalue()


def make_source(name: str, mark: str) -> tuple[str, bytes]:
    """Return a source archive whose build tries to write a file at ``mark``."""
    about = METADATA.format(name, "1.0")
    parts = {
        "PKG-INFO": about,
        "pyproject.toml": (
            f'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            f'[project]\nname = "{name}"\nversion = "1.0"\n'
        ),
        "backend.py": BACKEND.format(name=name, mark=mark, metadata=about),
    }
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for path, text in parts.items():
            entry = tarfile.TarInfo(f"{name}-1.0/{path}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return f"{name}-1.0.tar.gz", written.getvalue()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


class PackageIndex:
    """A simple repository; ``asked`` are the paths of its requests so far."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes]] = {}
        self.asked: list[str] = []
        # While it is not set, files are not handed out.
        self.hands_out = threading.Event()
        self.hands_out.set()
        # While it is set, files are answered with 503.
        self.is_out_of_order = threading.Event()
        index = self

        class Pages(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.asked.append(f"{self.command} {self.path}")
                if self.path.startswith("/files/") and self.command == "GET":
                    index.hands_out.wait(60)
                body = index.page(self.path)
                status = 200 if body is not None else 404
                if self.path.startswith("/files/") and index.is_out_of_order.is_set():
                    status = 503
                self.send_response(status)
                html = self.path.startswith("/simple/")
                self.send_header("content-type", "text/html" if html else "application/zip")
                self.send_header("content-length", str(len(body or b"")))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body or b"")

            do_HEAD = do_GET

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Say nothing: tests cut connections on purpose."""

        self.http = Quiet(("127.0.0.1", 0), Pages)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/simple"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()
        self.add(make_wheel("packaging", "1.0", {"packaging/__init__.py": b""}))

    def add(self, made: tuple[str, bytes]) -> None:
        """Offer a file."""
        name, data = made
        self.files.setdefault(name.rpartition("-1.0.tar")[0] or name.split("-")[0], {})[name] = data

    def pinned(self, *names: str) -> str:
        """Return a lock of the newest of each of these, without asking a resolver."""
        lines = []
        for name in sorted(names):
            file, data = max(self.files[name].items())
            digest = hashlib.sha256(data).hexdigest()
            lines.append(f"{name}=={file.split('-')[1]} --hash=sha256:{digest}\n")
        return "".join(lines)

    def page(self, path: str) -> bytes | None:
        """Return what is at a path."""
        _, kind, name, *rest = path.split("/")
        found = self.files.get(name.replace("-", "_"))
        if found is None:
            return None
        if kind == "simple":
            links = [
                f'<a href="/files/{name}/{file}#sha256={hashlib.sha256(data).hexdigest()}">'
                f"{file}</a>"
                for file, data in found.items()
            ]
            return f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode()
        return found.get(rest[0])

    def close(self) -> None:
        """Stop serving."""
        self.hands_out.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

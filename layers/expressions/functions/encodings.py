"""JSON, base64 and hashes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

import orjson

from layers import jsontext
from layers.expressions.budget import Run
from layers.expressions.errors import ExpressionError
from layers.expressions.registry import function
from layers.expressions.values import MAX_DEPTH, leave
from layers.media import json_text

GROUP = "JSON, base64 and hashes"
# The smallest JSON values take about this many times their text in memory.
_JSON_SWELL = 16


@function(GROUP, 'json_parse("[1, 2]")', "[1, 2]")
def json_parse(run: Run, text: str) -> Any:
    """The value written in a JSON text."""
    run.take(len(text) * _JSON_SWELL)
    try:
        return json_text.read(text)
    except jsontext.InvalidJson as error:
        raise ExpressionError(str(error)) from error


@function(GROUP, 'json_dump({"a": [1, 2]})', '"{\\"a\\":[1,2]}"')
def json_dump(run: Run, value: Any, indent: bool = False) -> str:
    """The value written as JSON, with indent=True over several lines."""
    plain = leave(run, value)
    text = jsontext.dumps(plain)
    if indent:
        opened = text.count("[") + text.count("{")
        run.take((text.count(",") + 2 * opened) * (2 * min(opened, MAX_DEPTH) + 1))
        try:
            text = orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode()
        except TypeError as error:
            raise ExpressionError("Numbers past 64 bits cannot be indented.") from error
    run.take(len(text))
    return text


@function(GROUP, 'b64_encode("Ada")', '"QWRh"')
def b64_encode(run: Run, text: str) -> str:
    """The UTF-8 bytes of a text in base64."""
    run.take(len(text) * 4)
    return base64.b64encode(text.encode()).decode()


@function(GROUP, 'b64_decode("QWRh")', '"Ada"')
def b64_decode(run: Run, text: str) -> str:
    """The text in base64, of either alphabet and with or without padding."""
    run.take(len(text) * 2)
    compact = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        padded = compact + "=" * (-len(compact) % 4)
        return base64.b64decode(padded, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise ExpressionError(
            "This is not a text in base64 (if it is a file, use a python node)."
        ) from error


@function(GROUP, 'md5("a")', '"0cc175b9c0f1b6a831c399e269772661"')
def md5(run: Run, text: str) -> str:
    """The MD5 hash in hexadecimal; for fingerprints, not for security."""
    run.take(len(text) * 4)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@function(GROUP, 'sha1("a")', '"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"')
def sha1(run: Run, text: str) -> str:
    """The SHA-1 hash in hexadecimal; for fingerprints, not for security."""
    run.take(len(text) * 4)
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@function(
    GROUP, 'sha256("a")', '"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"'
)
def sha256(run: Run, text: str) -> str:
    """The SHA-256 hash in hexadecimal."""
    run.take(len(text) * 4)
    return hashlib.sha256(text.encode()).hexdigest()


@function(GROUP, 'sha512("a")[:16]', '"1f40fc92da241694"')
def sha512(run: Run, text: str) -> str:
    """The SHA-512 hash in hexadecimal."""
    run.take(len(text) * 4)
    return hashlib.sha512(text.encode()).hexdigest()


@function(
    GROUP,
    'hmac_sha256("a", "key")',
    '"780c3db4ce3de5b9e55816fba98f590631d96c075271b26976238d5f4444219b"',
)
def hmac_sha256(run: Run, text: str, key: str) -> str:
    """The signature of a text with a key (HMAC SHA-256) in hexadecimal."""
    run.take((len(text) + len(key)) * 4)
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()

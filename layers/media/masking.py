"""Blanks secrets out of what comes back from a host that was sent them, in their usual spellings.

It finds what servers, libraries and debuggers echo by themselves. It is no protection from who
means to get a secret out: halves, ciphers and spellings that nobody foresaw come through.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, AnyStr
from urllib.parse import quote, quote_plus

from layers import jsontext

SHORTEST = 4
"""Shorter secrets would be found everywhere, and are not masked."""
# What stands for a few of a secret's bytes is found by chance in long blobs if it is too short.
_SHORTEST_CODED, _SHORTEST_REVERSED = 6, 8
# With more places than that at which a secret may be beginning, the first of them will do.
_MOST_LOOKS = 32

# What a number can be written with.
_NUMBER = re.compile(r"[-+.0-9eE]+")
# What may stand in JSON outside of texts.
_BETWEEN = re.compile(r"[-+.0-9eEtrufalsn,:\[\]{}]+")


@lru_cache(maxsize=256)
def spellings(secret: str) -> tuple[str, ...]:
    """Return how a secret may be echoed, the longest first; nothing for one below ``SHORTEST``.

    As it is; in URLs and forms (RFC 3986, WHATWG URL); in JSON, and in JSON within JSON; in HTML;
    in base64 and base64url (RFC 4648), alone or anywhere within a longer text, such as a pair of
    Basic authentication; in hexadecimal; backwards.
    """
    if len(secret) < SHORTEST:
        return ()
    found = {secret, *_of_urls(secret), *_of_json(secret)}
    found |= {html.escape(secret), html.escape(secret).replace("&#x27;", "&#39;")}
    found.add(html.escape(secret, quote=False))
    raw = secret.encode("utf-8", "surrogatepass")
    coded = {*_of_base64(raw), raw.hex(), raw.hex().upper()}
    found |= {one for one in coded if len(one) >= _SHORTEST_CODED}
    if len(secret) >= _SHORTEST_REVERSED:
        found.add(secret[::-1])
    return tuple(sorted(found, key=lambda one: (-len(one), one)))


class Masker:
    """Knows the spellings of some secrets, and blanks them.

    ``mark`` stands in a text for each secret; without one there is a ``*`` for each character.
    """

    def __init__(self, secrets: Iterable[str], mark: str | None = None) -> None:
        found = {form for secret in secrets for form in spellings(secret)}
        self._forms = tuple(sorted(found, key=len, reverse=True))
        self._shortest = len(self._forms[-1]) if self._forms else 0
        self._escaped = tuple(dict.fromkeys(map(_escaped, self._forms)))
        self._is_ambiguous = any(_BETWEEN.fullmatch(form) for form in self._escaped)
        self._has_numbers = any(_NUMBER.fullmatch(form) for form in self._forms)
        self._mark = mark
        coded = {data for form in found for data in _as_bytes(form)}
        self._coded = tuple(sorted(coded, key=len, reverse=True))

    def __bool__(self) -> bool:
        """Whether there is anything to be blanked at all."""
        return bool(self._forms)

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        if not self._forms or len(text) < self._shortest:
            return text
        spans = _spans(text, self._forms)
        if not spans:
            return text
        return self._blanked(text, spans)

    def _blanked(self, text: str, spans: list[tuple[int, int]]) -> str:
        shown, last = [], 0
        for start, end in spans:
            mark = "*" * (end - start) if self._mark is None else self._mark
            shown += [text[last:start], mark]
            last = end
        return "".join([*shown, text[last:]])

    def json(self, value: Any) -> Any:
        """Return a JSON value without secrets, names of members included.

        A number that holds one becomes a text.
        """
        if not self._forms:
            return value
        try:
            text = jsontext.dumps(value)
            spans = _spans(text, self._escaped)
            if not spans:
                return value
            if not self._is_ambiguous:
                return jsontext.loads(self._blanked(text, spans))
        except jsontext.InvalidJson:
            # Too deep to be written, or what was found began or ended within an escape.
            pass
        return self._walked(value)

    def _walked(self, value: Any) -> Any:
        top: list[Any] = [value]
        # A way of its own instead of recursion, which deep values would break.
        waiting: list[tuple[Any, Any]] = [(top, enumerate(top))]
        while waiting:
            holder, members = waiting.pop()
            for place, one in members:
                if type(one) is dict:
                    # All members first, so that their order stays.
                    made: Any = dict.fromkeys(map(self.text, one))
                    waiting.append((made, zip(map(self.text, one), one.values(), strict=True)))
                    holder[place] = made
                elif type(one) is list:
                    holder[place] = made = [None] * len(one)
                    waiting.append((made, enumerate(one)))
                else:
                    holder[place] = self._leaf(one)
        return top[0]

    def _leaf(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if not self._has_numbers or value is None or isinstance(value, bool):
            return value
        written = str(value)
        hidden = self.text(written)
        return value if hidden == written else hidden

    def stream(self) -> MaskedStream:
        """Return a new stream of bytes, of which no secret comes out."""
        return MaskedStream(self._coded)

    def content(self, content: bytes) -> bytes:
        """Return bytes, such as a file's, without secrets; their number stays."""
        stream = self.stream()
        return stream.hide(content) + stream.rest()


class MaskedStream:
    """Blanks secrets in bytes that come piece by piece, keeping every length."""

    def __init__(self, forms: Sequence[bytes]) -> None:
        self._forms = forms
        self._kept = b""
        # So many bytes of what is kept belong to a secret that was found before.
        self._covered = 0

    def hide(self, piece: bytes) -> bytes:
        """Return what can be passed on by now; the rest is kept until more comes."""
        if not self._forms:
            return piece
        data = self._kept + piece
        spans = _spans(data, self._forms)
        if self._covered:
            spans = _merged([(0, self._covered), *spans])
        ends = len(data) - self._unfinished(data)
        shown = bytearray(data[:ends])
        self._covered = 0
        for start, end in spans:
            if start >= ends:
                break
            shown[start:end] = b"*" * (min(end, ends) - start)
            self._covered = max(0, end - ends)
        self._kept = data[ends:]
        return bytes(shown)

    def rest(self) -> bytes:
        """Return what was kept, when nothing more comes."""
        data = bytearray(self._kept)
        for start, end in _merged([(0, self._covered), *_spans(self._kept, self._forms)]):
            data[start:end] = b"*" * (end - start)
        self._kept, self._covered = b"", 0
        return bytes(data)

    def _unfinished(self, data: bytes) -> int:
        """How many of the last bytes may be the beginning of a secret."""
        longest = 0
        for form in self._forms:
            if len(form) - 1 > longest:
                longest = max(longest, _begun(data, form))
        return longest


def _begun(data: bytes, form: bytes) -> int:
    """Return how long a beginning of that form stands at the end, or more if that is dear."""
    first = form[:SHORTEST]
    at = max(0, len(data) - len(form) + 1)
    for _ in range(_MOST_LOOKS):
        at = data.find(first, at)
        if at < 0:
            break
        if form.startswith(data[at:]):
            return len(data) - at
        at += 1
    else:
        return len(data) - at
    for length in range(min(len(first), len(form)) - 1, 0, -1):
        if data.endswith(first[:length]):
            return length
    return 0


def _spans(data: AnyStr, forms: Sequence[AnyStr]) -> list[tuple[int, int]]:
    """Where any of the forms stands, as ranges that do not touch each other."""
    found = []
    for form in forms:
        at = data.find(form)
        while at >= 0:
            end = at + len(form)
            found.append((at, end))
            at = data.find(form, end)
    return _merged(found)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        elif end > start:
            merged.append((start, end))
    return merged


def _as_bytes(form: str) -> set[bytes]:
    """A spelling in UTF-8, and in the charset that old headers have (RFC 9110, 5.5)."""
    found = {form.encode("utf-8", "surrogatepass")}
    try:
        found.add(form.encode("latin-1"))
    except UnicodeEncodeError:
        return found
    return found


def _escaped(form: str) -> str:
    """A spelling as it stands in the JSON that ``jsontext.dumps`` writes."""
    try:
        return jsontext.dumps(form)[1:-1]
    except jsontext.InvalidJson:
        return form


def _of_urls(secret: str) -> Iterator[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    for form in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield form
        # The digits may be written small; that changes no other letter.
        head, *rest = form.split("%")
        yield "%".join([head, *(one[:2].lower() + one[2:] for one in rest)])


def _of_json(secret: str) -> Iterator[str]:
    for ascii_only in (True, False):
        form = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield form
        yield form.replace("/", "\\/")
        yield json.dumps(form, ensure_ascii=True)[1:-1]
        yield json.dumps(form, ensure_ascii=False)[1:-1]


def _of_base64(raw: bytes) -> Iterator[str]:
    """What all base64 texts have in common in which these bytes stand, by where they begin."""
    for before in range(3):
        padded = bytes(before) + raw
        first = -(-before * 8 // 6)
        # The last character also holds bits of what follows, if anything does.
        whole = len(padded) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(padded).decode().rstrip("=")
            yield text[first:]
            yield text[first:whole]

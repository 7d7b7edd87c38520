"""Identifiers: UUID version 7 (RFC 9562), which sort by the time they were made."""

from __future__ import annotations

import os
import threading
import time

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Make a UUIDv7 as text; ids made by one process strictly increase (RFC 9562 section 6.2)."""
    global _last
    with _lock:
        # 48 bits of milliseconds followed by 12 bits of their fraction, kept strictly increasing.
        tick = time.time_ns() * 4096 // 1_000_000
        _last = tick = max(tick, _last + 1)
    value = (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62
    value |= int.from_bytes(os.urandom(8), "big") >> 2
    return _text(value)


def bound_at(moment: float) -> str:
    """The text that every id made before this moment is below, and every later one is not."""
    return _text(int(moment * 1e3) << 80)


def _text(value: int) -> str:
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: str) -> bool:
    """Say whether a text has the form of one of our ids (lower-case hyphenated UUID)."""
    if len(text) != 36:
        return False
    groups = text.split("-")
    if [len(group) for group in groups] != [8, 4, 4, 4, 12]:
        return False
    return all(character in "0123456789abcdef" for group in groups for character in group)

"""Searches its whole memory for the host's secrets. Contained: the fork brought none along."""

import contextlib
import os

PIECE = 1 << 20


def run(items):
    fact = items[0]
    needles = [fact["secret_backwards"], fact["token_backwards"]]
    needles = [needle.encode() for needle in needles]
    with open("/proc/self/maps") as file:
        areas = [line.split() for line in file]
    found, searched = [], 0
    memory = os.open("/proc/self/mem", os.O_RDONLY)
    for words in areas:
        start, end = (int(part, 16) for part in words[0].split("-"))
        # What is mapped from files is searched as files, by another script.
        if not words[1].startswith("rw") or end - start > 64 << 20:
            continue
        for place in range(start, end, PIECE):
            with contextlib.suppress(OSError, OverflowError):
                data = os.pread(memory, min(PIECE + 256, end - place), place)
                searched += len(data)
                found += [hex(place) for needle in needles if needle in data[::-1]]
    return [{"escaped": bool(found) or searched < 1 << 20, "found": found, "searched": searched}]

"""Searches its memory for what an earlier run held. Contained: no byte of it was inherited."""

import contextlib
import os

LEAVE = """
kept = []
def run(items):
    word = "".join(reversed("drow terces a fo eceip a si siht"))
    kept.extend(f"{word} {n}" for n in range(5000))
    print(word * 20)
    return [{"said": word * 1000}]
"""


def run(items):
    needle = b"drow terces a fo eceip"
    with open("/proc/self/maps") as file:
        areas = [line.split() for line in file]
    found = []
    memory = os.open("/proc/self/mem", os.O_RDONLY)
    for words in areas:
        start, end = (int(part, 16) for part in words[0].split("-"))
        if not words[1].startswith("r") or end - start > 64 << 20:
            continue
        for place in range(start, end, 1 << 20):
            with contextlib.suppress(OSError, OverflowError):
                data = os.pread(memory, min(1 << 20, end - place), place)
                if needle in data[::-1]:
                    found.append(hex(place))
    return [{"escaped": bool(found), "found": found}]

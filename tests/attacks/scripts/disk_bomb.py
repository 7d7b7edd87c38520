"""Fills the disk with bytes and with names. Contained: the private /tmp is full, that is all."""

import os

EXPECT = {"user_error", "ok", "cpu_limit", "timeout", "out_of_memory"}


def run(items):
    written = 0
    try:
        for number in range(100):
            with open(f"/tmp/big{number}", "wb") as file:
                for _ in range(16):
                    written += file.write(bytes(1 << 20))
    except OSError:
        pass
    for number in range(20000):
        try:
            os.close(os.open(f"/tmp/n{number}", os.O_CREAT | os.O_WRONLY))
        except OSError:
            break
    return [{"escaped": written > 100 << 20, "mb": written >> 20}]

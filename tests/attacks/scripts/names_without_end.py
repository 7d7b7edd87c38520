"""Fills folders with long names, links and rings of links. Contained: a limit ends it, all is gone."""

import contextlib
import os

EXPECT = {"ok", "cpu_limit", "timeout", "out_of_memory", "user_error"}
EACH = ["long names", "hard links", "rings of links", "attributes", "shared memory names"]


def run(items):
    way = items[0]["each"]
    with contextlib.suppress(OSError):
        with open("/tmp/one", "w") as file:
            file.write("x")
        for number in range(30_000):
            if way == "long names":
                name = f"{number:0200}\n\t\x1b[31m\udcff"
                os.close(os.open(f"/tmp/{name}", os.O_CREAT | os.O_WRONLY))
            elif way == "hard links":
                os.link("/tmp/one", f"/tmp/link{number}")
            elif way == "rings of links":
                os.symlink(f"/tmp/ring{number + 1}", f"/tmp/ring{number}")
                os.symlink("/" + "a/../" * 800, f"/tmp/far{number}")
            elif way == "attributes":
                os.setxattr("/tmp/one", f"user.{number}", b"x" * 1000)
            else:
                os.close(os.open(f"/dev/shm/{number}", os.O_CREAT | os.O_WRONLY))
    return [{"escaped": False}]

"""Runs programs that are in no file, with a set-uid bit. Contained: they are nobody, too."""

import ctypes
import os


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    gained = []
    look = "import os; print(os.getuid(), os.geteuid(), [p for p in %r if os.path.exists(p)])"
    for way in ("fexecve", "execveat", "script"):
        program = os.memfd_create("hidden")
        if way == "script":
            os.write(program, b"#!/usr/bin/python3\n" + (look % items[0]["paths"]).encode())
        else:
            with open("/usr/bin/python3.11", "rb") as file:
                while data := file.read(1 << 20):
                    os.write(program, data)
        try:
            os.fchmod(program, 0o6755)
            os.fchown(program, 0, 0)
            gained.append("owned by root")
        except OSError:
            pass
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.dup2(writing, 1)
            words = [b"python3", b"-I", b"-S", b"-c", (look % items[0]["paths"]).encode()]
            if way == "execveat":
                given = (ctypes.c_char_p * 6)(*words, None)
                libc.syscall(322, program, b"", given, None, 0x1000)
            os.execve(program if way == "fexecve" else f"/proc/self/fd/{program}", words, {})
        os.close(writing)
        told = os.read(reading, 4096).decode()
        os.wait()
        if told and told != f"{os.getuid()} {os.getuid()} []\n":
            gained.append([way, told])
    return [{"escaped": bool(gained), "gained": gained}]

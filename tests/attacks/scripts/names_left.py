"""Renames the host and the domain. Contained: refused, or seen by nobody but itself."""

import os

LEAVE = """
import ctypes
def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    tried = [libc.sethostname(b"left", 4), libc.setdomainname(b"left", 4)]
    libc.unshare(0x10000000 | 0x04000000)
    tried += [libc.sethostname(b"left", 4), libc.setdomainname(b"left", 4)]
    for name in ("hostname", "domainname"):
        try:
            with open(f"/proc/sys/kernel/{name}", "w") as file:
                file.write("left")
        except OSError:
            pass
    return [{"refused": tried[:2] == [-1, -1]}]
"""


def run(items):
    name = os.uname()
    return [{"escaped": "left" in name.nodename or name.nodename == items[0]["host"]}]

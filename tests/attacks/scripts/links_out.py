"""Links to what it may not open, hard and soft, also by descriptor. Contained: no link helps."""

import contextlib
import ctypes
import os


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    seen = []
    targets = [*items[0]["paths"], "/proc/1/root", "/proc/1/cwd", "/proc/1/fd/0", "/proc/1/mem"]
    targets += ["/proc/self/root/../.." + items[0]["paths"][0], "/dev/fd/../../../../etc/shadow"]
    for number, target in enumerate(targets):
        with contextlib.suppress(OSError):
            os.symlink(target, f"/tmp/soft{number}")
        for source in (target, f"/tmp/soft{number}"):
            with contextlib.suppress(OSError):
                os.link(source, f"/tmp/hard{number}", follow_symlinks=True)
        with contextlib.suppress(OSError):
            handle = os.open(f"/tmp/soft{number}", os.O_PATH)
            libc.linkat(handle, b"", -100, f"/tmp/path{number}".encode(), 0x1000)
        for name in ("soft", "hard", "path"):
            with contextlib.suppress(OSError):
                descriptor = os.open(f"/tmp/{name}{number}", os.O_RDONLY | os.O_NONBLOCK)
                seen.append([target, os.read(descriptor, 20).decode("latin1")])
    for source in ("/usr/bin/python3.11", "/etc/passwd"):
        with contextlib.suppress(OSError):
            os.link(source, "/tmp/ours")
            os.chmod("/tmp/ours", 0o6777)
            seen.append([source, "linked"])
        with contextlib.suppress(OSError):
            os.rename(source, "/tmp/ours")
            seen.append([source, "moved"])
    return [{"escaped": bool(seen), "seen": seen}]

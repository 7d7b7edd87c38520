"""Opens its own pipes anew, the other way round. Contained: it robs and cheats only itself."""

import contextlib
import fcntl
import os

EXPECT = {"ok", "user_error", "output_too_large"}


def run(items):
    for number in (0, 1, 2, 3, 4):
        for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):
            with contextlib.suppress(OSError):
                descriptor = os.open(f"/proc/self/fd/{number}", flags | os.O_NONBLOCK)
                with contextlib.suppress(OSError):
                    fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 1 << 20)
                with contextlib.suppress(OSError):
                    os.read(descriptor, 1 << 16)
                if number == 3:
                    with contextlib.suppress(OSError):
                        os.write(descriptor, b"\xff" * 1000)
    for number in (1, 2, 4):
        # The flag belongs to the open file, which the zygote might share.
        fcntl.fcntl(number, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)
    return [{"escaped": False}]

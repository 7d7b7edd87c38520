"""Opens and makes devices. Contained: no disk, no kernel memory or log, no node that opens."""

import os
import stat


def run(items):
    opened = []
    for path in (
        "/dev/mem",
        "/dev/kmem",
        "/dev/kmsg",
        "/dev/sda",
        "/dev/vda",
        "/dev/kvm",
        "/dev/fuse",
        "/proc/kcore",
        "/proc/sysrq-trigger",
        "/proc/kallsyms",
    ):
        try:
            os.close(os.open(path, os.O_RDWR))
            opened.append(path)
        except OSError:
            pass
    for number, major in enumerate((1, 8, 254)):
        try:
            os.mknod(f"/tmp/device{number}", 0o666 | stat.S_IFBLK, os.makedev(major, 1))
            os.open(f"/tmp/device{number}", os.O_RDONLY)
            opened.append(f"block {major}")
        except OSError:
            pass
    return [{"escaped": bool(opened), "opened": opened}]

"""Reads the kernel's own files. Contained: not a byte of memory, symbols, keys or hardware."""

import os

PLACES = (
    "/proc/kcore",
    "/proc/kmsg",
    "/proc/kallsyms",
    "/proc/keys",
    "/proc/key-users",
    "/proc/iomem",
    "/proc/ioports",
    "/proc/modules",
    "/proc/vmallocinfo",
    "/proc/slabinfo",
    "/proc/timer_list",
    "/proc/sched_debug",
    "/proc/bus/pci/devices",
    "/proc/acpi",
    "/proc/scsi/scsi",
    "/proc/config.gz",
    "/proc/device-tree",
    "/sys/kernel",
    "/sys/firmware",
    "/sys/module",
    "/sys/fs/cgroup",
    "/boot",
    "/lib/modules",
)


def run(items):
    seen = []
    for path in PLACES:
        try:
            if os.path.isdir(path):
                found = os.listdir(path)
            else:
                with open(path, "rb") as file:
                    found = file.read(64)
        except OSError:
            continue
        if found:
            seen.append([path, repr(found)[:80]])
    return [{"escaped": bool(seen), "seen": seen}]

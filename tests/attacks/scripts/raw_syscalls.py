"""Calls the kernel's dangerous doors directly. Contained: every one of them is shut."""

import ctypes

DOORS = {
    "bpf": 321,
    "perf_event_open": 298,
    "kexec_load": 246,
    "init_module": 175,
    "finit_module": 313,
    "open_by_handle_at": 304,
    "userfaultfd": 323,
    "reboot": 169,
    "iopl": 172,
    "swapon": 167,
    "settimeofday": 164,
    "sethostname": 170,
    "io_uring_setup": 425,
    "add_key": 248,
    "keyctl": 250,
    "fsopen": 430,
}


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    opened = []
    for name, number in DOORS.items():
        if libc.syscall(number, 0, 0, 0, 0, 0) >= 0:
            opened.append(name)
    return [{"escaped": bool(set(opened) - {"iopl"}), "opened": opened}]

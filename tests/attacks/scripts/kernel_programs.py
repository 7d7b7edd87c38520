"""Loads programs into the kernel and listens to its events. Contained: none loads or opens."""

import ctypes
import struct

RETURN = struct.pack("<BBhi", 0xB7, 0, 0, 0) + struct.pack("<BBhi", 0x95, 0, 0, 0)


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    done = []
    for attempt in ("plain", "root of its own"):
        program = ctypes.create_string_buffer(RETURN)
        license_ = ctypes.create_string_buffer(b"GPL")
        for kind in (1, 2, 6, 13, 20):
            given = struct.pack(
                "<IIQQIIQI",
                kind,
                2,
                ctypes.addressof(program),
                ctypes.addressof(license_),
                0,
                0,
                0,
                0,
            )
            if libc.syscall(321, 5, given + bytes(72), 120) >= 0:
                done.append([attempt, f"bpf program {kind}"])
        if libc.syscall(321, 0, struct.pack("<IIII", 2, 4, 8, 16) + bytes(100), 116) >= 0:
            done.append([attempt, "bpf map"])
        for kind in range(6):
            event = ctypes.create_string_buffer(struct.pack("<IIQ", kind, 112, 0) + bytes(96))
            for pid, processor in ((0, -1), (-1, 0), (1, -1)):
                if libc.syscall(298, event, pid, processor, -1, 0) >= 0:
                    done.append([attempt, f"event {kind}"])
        for flags in (0, 1, 0x80000):
            if libc.syscall(323, flags) >= 0:
                done.append([attempt, "userfaultfd"])
        libc.unshare(0x10000000)
    return [{"escaped": bool(done), "done": done}]

"""Makes the calls of a machine's owner, with sound arguments. Contained: every one is refused."""

import contextlib
import ctypes
import os


def calls(libc):
    text, number = ctypes.c_char_p, ctypes.c_int
    disk = b"/tmp/disk"
    with contextlib.suppress(OSError):
        os.close(os.open(disk, os.O_CREAT | os.O_WRONLY))
        os.truncate(disk, 1 << 20)
    handle = os.open(disk, os.O_RDWR)
    root = os.open("/", os.O_RDONLY)
    code = ctypes.create_string_buffer(b"\x7fELF" + bytes(4096))
    yield "init_module", libc.syscall(175, code, 4096, b"")
    yield "finit_module", libc.syscall(313, handle, b"", 0)
    yield "delete_module", libc.syscall(176, b"fuse", 0)
    yield "kexec_load", libc.syscall(246, 0, 0, 0, 0)
    yield "kexec_file_load", libc.syscall(320, handle, handle, 0, b"", 4)
    yield "reboot", libc.syscall(169, 0xFEE1DEAD, 672274793, 0x4321FEDC, 0)
    yield "swapon", libc.syscall(167, text(disk), 0)
    yield "swapoff", libc.syscall(168, text(disk))
    yield "quotactl", libc.syscall(179, 0x800002, b"/dev/vda", 0, code)
    yield "acct", libc.syscall(163, text(disk))
    yield "vhangup", libc.syscall(153)
    yield "fanotify_init", libc.syscall(300, 0, 0)
    yield "name_to_handle_at", libc.syscall(304, root, code, 0)
    yield "lookup_dcookie", libc.syscall(212, 1, code, 4096)
    yield "open_by_handle_at", libc.syscall(304, number(root), code, os.O_RDWR)
    yield "setns of a file", libc.syscall(308, root, 0)
    yield "move_pages", libc.syscall(279, 1, 0, 0, 0, 0, 2)
    yield "landlock of others", libc.syscall(446, -1, 0)
    yield "memfd_secret", libc.syscall(447, 0)
    yield "syncfs of the host", -1 if libc.syscall(306, root) else -1


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    done = [name for name, answer in calls(libc) if answer >= 0]
    libc.unshare(0x10000000 | 0x00020000)
    done += [f"{name} as root of its own" for name, answer in calls(libc) if answer >= 0]
    return [{"escaped": bool(done), "done": done}]

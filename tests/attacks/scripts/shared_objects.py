"""Leaves shared memory, semaphores and queues. Contained: a later run finds none of those keys."""

import ctypes
import os

LEAVE = """
import ctypes
import os
def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    made = [
        libc.shmget(0x5EC2E7, 4096, 0o1666), libc.semget(0x5EC2E7, 1, 0o1666),
        libc.msgget(0x5EC2E7, 0o1666), libc.shm_open(b"/treadle-left", os.O_CREAT | os.O_RDWR, 0o666),
    ]
    made.append(libc.mq_open(b"/treadle-left", os.O_CREAT | os.O_RDWR, 0o666, None))
    libc.shmat.restype = ctypes.c_void_p
    at = libc.shmat(made[0], None, 0)
    if at and at < 1 << 62:
        ctypes.memmove(at, b"left", 4)
    if os.fork() == 0:
        os.setsid()
        while True:
            os.sched_yield()
    return [{"made": made}]
"""


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    found = {
        "shm": libc.shmget(0x5EC2E7, 0, 0),
        "sem": libc.semget(0x5EC2E7, 0, 0),
        "msg": libc.msgget(0x5EC2E7, 0),
        "posix": libc.shm_open(b"/treadle-left", os.O_RDWR, 0),
        "mq": libc.mq_open(b"/treadle-left", os.O_RDWR),
    }
    for number in range(64):
        found[f"shm {number}"] = libc.shmctl(number, 2, ctypes.create_string_buffer(512))
        found[f"sem {number}"] = libc.semctl(number, 0, 2, ctypes.create_string_buffer(512))
        found[f"msg {number}"] = libc.msgctl(number, 2, ctypes.create_string_buffer(512))
    found = [name for name, answer in found.items() if answer >= 0]
    return [{"escaped": bool(found), "found": found}]

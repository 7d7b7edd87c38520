"""Has the kernel send signals for a pipe to the zygote. Contained: its own rights are checked."""

import fcntl
import os
import signal


def run(items):
    F_SETOWN_EX = 15
    accepted = []
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGIO):
        for target in (1, 2, os.getppid()):
            reading, writing = os.pipe()
            try:
                fcntl.fcntl(reading, fcntl.F_SETSIG, number)
                fcntl.fcntl(reading, fcntl.F_SETOWN, target)
                fcntl.fcntl(reading, F_SETOWN_EX, target.to_bytes(8, "little"))
            except (OSError, ValueError):
                pass
            flags = fcntl.fcntl(reading, fcntl.F_GETFL)
            fcntl.fcntl(reading, fcntl.F_SETFL, flags | os.O_ASYNC)
            os.write(writing, b"x")
            os.close(reading)
            os.close(writing)
            with open(f"/proc/{target}/status") as file:
                state = [line for line in file if line.startswith("State")]
            if "T" in state[0] or "Z" in state[0]:
                accepted.append([target, int(number)])
    return [{"escaped": bool(accepted), "accepted": accepted}]

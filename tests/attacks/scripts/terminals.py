"""Looks for a terminal to type on or to write to. Contained: there is none but what it made."""

import contextlib
import fcntl
import os
import termios


def run(items):
    typed = []
    for path in ("/dev/tty", "/dev/console", "/dev/tty0", "/dev/tty1", "/dev/ttyS0", "/dev/pts/0"):
        with contextlib.suppress(OSError):
            terminal = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            typed.append(path)
            fcntl.ioctl(terminal, termios.TIOCSTI, b"x")
    for number in range(5):
        for request, argument in ((termios.TIOCSTI, b"x"), (termios.TIOCSCTTY, b"\1\0\0\0")):
            with contextlib.suppress(OSError):
                fcntl.ioctl(number, request, argument)
                typed.append(number)
    return [{"escaped": bool(typed), "typed": typed}]

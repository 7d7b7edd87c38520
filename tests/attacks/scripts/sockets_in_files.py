"""Connects to every socket and pipe in the file system. Contained: there is none but its own."""

import os
import socket
import stat


def run(items):
    found = []
    for folder, folders, files in os.walk("/"):
        if folder == "/proc":
            folders.clear()
        for name in [*files, *folders]:
            path = os.path.join(folder, name)
            try:
                mode = os.lstat(path).st_mode
            except OSError:
                continue
            if stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode) or stat.S_ISBLK(mode):
                found.append(path)
            if mode & 0o6000 and stat.S_ISREG(mode):
                found.append("set-uid " + path)
    with open("/proc/net/unix") as file:
        for line in file.readlines()[1:]:
            name = line.split()[-1]
            try:
                socket.socket(socket.AF_UNIX).connect(name.replace("@", "\0"))
                found.append(name)
            except OSError:
                pass
    return [{"escaped": bool(found), "found": found}]

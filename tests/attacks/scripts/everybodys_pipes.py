"""Opens the pipes and memory of every other process. Contained: not one of them opens, but for files
that it may open by their names as well, such as a module that somebody imports at that moment.
"""

import os


def is_for_all(opened, flags):
    try:
        other = os.open(os.readlink(f"/proc/self/fd/{opened}"), flags | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return os.path.sameopenfile(opened, other)
    finally:
        os.close(other)


def run(items):
    opened = []
    others = [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
    for other in others:
        for place in ["mem", *(f"fd/{descriptor}" for descriptor in range(40))]:
            for flags in (os.O_RDONLY, os.O_WRONLY):
                path = f"/proc/{other}/{place}"
                try:
                    descriptor = os.open(path, flags | os.O_NONBLOCK)
                except OSError:
                    continue
                if not is_for_all(descriptor, flags):
                    opened.append([path, flags, os.fstat(descriptor).st_mode])
                os.close(descriptor)
    return [{"escaped": bool(opened) or len(others) < 2, "opened": opened, "others": others}]

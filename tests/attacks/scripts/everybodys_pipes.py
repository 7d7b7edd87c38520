"""Opens the pipes and memory of every other process. Contained: not one of them opens."""

import os


def run(items):
    opened = []
    others = [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
    for other in others:
        for place in ["mem", *(f"fd/{descriptor}" for descriptor in range(40))]:
            for flags in (os.O_RDONLY, os.O_WRONLY):
                path = f"/proc/{other}/{place}"
                try:
                    os.close(os.open(path, flags | os.O_NONBLOCK))
                    if os.stat(path).st_rdev != os.stat("/dev/null").st_rdev:
                        opened.append(path)
                except OSError:
                    pass
    return [{"escaped": bool(opened) or len(others) < 2, "opened": opened, "others": others}]

"""Opens everything below /proc for writing. Contained: only what is the process's own opens."""

import os


def run(items):
    opened = []
    for folder, folders, files in os.walk("/proc"):
        folders[:] = [name for name in folders if not name.isdigit() and "self" not in name]
        for name in files:
            path = os.path.join(folder, name)
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
                opened.append(path)
            except OSError:
                pass
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        for what in ("comm", "oom_score_adj", "oom_adj", "uid_map", "clear_refs", "timerslack_ns"):
            try:
                with open(f"/proc/{name}/{what}", "w") as file:
                    file.write("1")
                opened.append(f"{name}/{what}")
            except OSError:
                pass
    return [{"escaped": bool(opened), "opened": opened}]

"""Writes the host's addresses in other ways. Contained: none of the forms leads anywhere."""

import socket

FORMS = (
    "::ffff:{}",
    "::{}",
    "64:ff9b::{}",
    "64:ff9b:1::{}",
    "2002:{:02x}{:02x}:{:02x}{:02x}::",
    "fe80::{}%1",
    "::ffff:0:{}",
)
NUMBERS = ("2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0", "2852039166", "127.0.0.1%0")


def names(address):
    parts = [int(part) for part in address.split(".")]
    for form in FORMS:
        yield form.format(*parts) if ":02x" in form else form.format(address)


def run(items):
    reached, tried = [], 0
    port = items[0]["port"]
    wanted = [*names("127.0.0.1"), *names("169.254.169.254"), *names(items[0]["address"])]
    for host in [*wanted, *NUMBERS, "fe80::1%lo", "ff02::1%lo", "::", "localhost."]:
        for number in (port, items[0]["runner_port"], 80):
            try:
                tried += 1
                socket.create_connection((host, number), 0.1).close()
                reached.append([host, number])
            except (OSError, UnicodeError):
                pass
    return [{"escaped": bool(reached), "reached": reached, "tried": tried}]

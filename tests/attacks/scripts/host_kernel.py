"""Compares kernels. Contained: the code sees the sandbox's own kernel, never the host's."""

import os


def run(items):
    release = os.uname().release
    return [{"escaped": release == items[0]["kernel"] or os.uname().nodename == items[0]["host"]}]

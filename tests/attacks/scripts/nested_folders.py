"""Nests folders without end. Contained: stopped by a limit; cleaning up does not hurt anybody."""

import os

EXPECT = {"ok", "cpu_limit", "timeout", "out_of_memory", "user_error"}


def run(items):
    while True:
        os.mkdir("d")
        os.chdir("d")

"""Leaves zombies behind. Contained: all are collected."""

import os


def run(items):
    for _ in range(10):
        if os.fork() == 0:
            os._exit(0)
    return [{"escaped": False}]

"""Starts threads without end. Contained: refused at the limit."""

import threading
import time

EXPECT = {"too_many_processes", "out_of_memory"}


def run(items):
    while True:
        threading.Thread(target=time.sleep, args=(100,)).start()

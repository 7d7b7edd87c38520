"""The kinds of work that block, and how much of each goes on at once in a process."""

from __future__ import annotations

import os

from layers.work.limiter import Limiter

DATABASE = Limiter("database", 16)
"""Reading and writing rows. As many as a pool of connections gives out (``layers.database``)."""

STORE = Limiter("store", 16)
"""Reading and writing artifacts: however long the store stalls, nothing else waits for it."""

PROCESSOR = Limiter("processor", max(2, os.cpu_count() or 1))
"""Parsing, hashing, sorting: more at once would only take the processor from one another."""

NAMES = Limiter("names", 8)
"""Looking up the addresses of hosts: a resolver may take half a minute to say no."""

DISK = Limiter("disk", 8)
"""This machine's files, apart from the artifact store."""

BACKGROUND = Limiter("background", 8)
"""Passes that nobody waits for, and calls of other services that block for long."""

"""The kinds of work that block, and how much of each goes on at once in a process."""

from __future__ import annotations

import os

from layers.work.limiter import Limiter

DATABASE = Limiter("database", 12)
"""Reading and writing rows. Fewer than there are connections: some are left for the endpoints that
the framework runs in threads of its own."""

STORE = Limiter("store", 16)
"""Reading and writing artifacts: however long the store stalls, nothing else waits for it."""

PROCESSOR = Limiter("processor", (os.cpu_count() or 1) + 4)
"""Parsing, hashing, sorting. A few more than there are processors, for nodes that are stuck."""

NAMES = Limiter("names", 8)
"""Looking up the addresses of hosts: a resolver may take half a minute to say no."""

DISK = Limiter("disk", 8)
"""This machine's files, apart from the artifact store."""

BACKGROUND = Limiter("background", 8)
"""Passes that nobody waits for, and calls of other services that block for long."""

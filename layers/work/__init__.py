"""Work that blocks, off the event loop: each kind has threads of its own, so none starves another.

``await STORE.run(store.get, workspace_id, digest)`` is what ``asyncio.to_thread`` would be, under a
limit that has a name.
"""

from layers.work.limiter import Limiter
from layers.work.limiters import BACKGROUND, DATABASE, DISK, NAMES, PROCESSOR, STORE

__all__ = ["BACKGROUND", "DATABASE", "DISK", "NAMES", "PROCESSOR", "STORE", "Limiter"]

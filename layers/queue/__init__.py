"""The doorbell between whoever accepts work and whoever does it."""

from layers.queue.memory import MemoryBell
from layers.queue.opening import open_bell
from layers.queue.port import Bell

__all__ = ["Bell", "MemoryBell", "open_bell"]

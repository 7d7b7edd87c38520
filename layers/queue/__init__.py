"""The doorbell between whoever accepts work and whoever does it."""

from layers.queue.huey_bell import HueyBell
from layers.queue.memory import MemoryBell
from layers.queue.port import Bell

__all__ = ["Bell", "HueyBell", "MemoryBell"]

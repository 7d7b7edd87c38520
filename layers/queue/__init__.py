"""The notifier between whoever accepts work and whoever does it."""

from layers.queue.memory import MemoryNotifier
from layers.queue.opening import open_notifier
from layers.queue.port import Notifier

__all__ = ["Notifier", "MemoryNotifier", "open_notifier"]

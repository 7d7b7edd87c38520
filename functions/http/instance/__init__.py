"""The instance: what it is, how it is doing, what it measures."""

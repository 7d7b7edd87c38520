"""Nodes that shape, order and select items."""

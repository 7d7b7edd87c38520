"""Nodes that decide where items go, when, and what answers."""

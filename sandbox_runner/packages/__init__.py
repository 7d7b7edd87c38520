"""Packages for a step: requirements in, a hash-pinned lock, and a read-only layer out."""

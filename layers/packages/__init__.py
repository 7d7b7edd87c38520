"""Packages of Python steps: requirements as they are written, locks, and what is allowed."""

"""Trying out Python code, and the packages that it may bring."""

"""Packages of Python steps: resolved, installed in a sandbox, and kept as read-only layers."""

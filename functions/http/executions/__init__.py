"""Executions: start, look, follow, change."""

"""Nodes that speak HTTP with other services."""

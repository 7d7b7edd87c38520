"""Credentials, and connecting them with providers."""

"""Triggers: how they are doing, and when they come next."""

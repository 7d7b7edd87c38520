"""Workflows: their versions, drafts and templates, and what their expressions read."""

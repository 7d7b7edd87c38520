"""Durable execution: accepted once, run to one final state whatever dies in between."""

"""The doors for the world's events: webhooks and callbacks."""

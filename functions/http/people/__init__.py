"""People: signing in, oneself, workspaces and their members."""

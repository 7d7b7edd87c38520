"""Node types and what is known of a workflow's nodes."""

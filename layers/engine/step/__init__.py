"""One call of a node, and what it may ask for."""

"""What a credential's declaration means: where it may go, and what it adds to a request. Pure."""

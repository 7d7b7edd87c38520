"""What answers HTTP calls: one group of endpoints a file."""

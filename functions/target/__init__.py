"""What functions-framework loads."""

"""What a browser lets a hostile webhook do, in a real Chromium."""

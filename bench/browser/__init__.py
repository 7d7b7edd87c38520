"""The app in a real headless Chromium: how long it takes to open, and how smoothly it moves."""

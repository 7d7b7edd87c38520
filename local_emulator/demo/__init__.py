"""The demo: an order intake with a real webhook, real Python and a small service beside it."""

"""The emulated Stripe, driven by the official SDK."""

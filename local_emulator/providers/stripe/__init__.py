"""A stand-in for Stripe Billing: what the official SDK needs of it, from products to webhooks.

Objects have the members that Stripe's own have (API 2026-10-28), as far as the product reads them.
State is in memory. Time is the machine's, or a test clock's where a customer has one.
"""

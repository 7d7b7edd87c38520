"""A stand-in for Stripe Billing: what the official SDK needs of it, from products to webhooks.

Objects have the members that Stripe's own have (API 2026-10-28), and calls take the parameters that
Stripe documents (``parameters.json``). State is in memory. Time is the machine's, or a test clock's
where a customer has one; what is due happens when ``clocks.tick`` is called, each thing as of the
moment that it was due at. Renewals are drafts for an hour; what is too little to be charged (50
cents, say) is added to the customer's balance.
"""

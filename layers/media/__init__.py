"""What bytes from outside mean: media types, charsets, codings and JSON. Pure functions.

Webhooks, callbacks and answers of other services are read by the same rules, on both sides of
the contract: nodes may use this room as well.
"""

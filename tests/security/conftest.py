"""What the findings about billing share with its own tests: small plans, and a shop."""

from __future__ import annotations

from tests.billing.conftest import billing, clock, plans_file, shop, stripe

__all__ = ["billing", "clock", "plans_file", "shop", "stripe"]

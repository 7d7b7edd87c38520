"""The plans as they are sold: the data of ``plans.json``, and nothing of the code that reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

PER_SEAT = frozenset({"executions", "ai_tokens", "api_calls", "members", "active_workflows"})


@dataclass(frozen=True)
class PriceList:
    """What each plan costs and includes."""

    plans: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, path: Path) -> PriceList:
        """The plans of a file."""
        return cls({one["plan"]: one for one in json.loads(path.read_text())})

    def price(self, plan: str, interval: str, currency: str) -> int:
        """What a seat costs each interval, in minor units."""
        return int(self.plans[plan]["prices"][interval][currency])

    def included(self, plan: str, limit: str, seats: int) -> int | None:
        """How much is included; None for without limit."""
        found = self.plans[plan]["limits"][limit]
        if found is None:
            return None
        return int(found) * (seats if limit in PER_SEAT else 1)

    def beyond(self, plan: str, limit: str, currency: str) -> Decimal | None:
        """What one more costs in minor units, where it can be had."""
        found = self.plans[plan]["overage"].get(limit, {}).get(currency)
        return None if found is None else Decimal(str(found))

    def trial_days(self, plan: str) -> int:
        """How long a plan may be tried."""
        return int(self.plans[plan]["trial_days"])

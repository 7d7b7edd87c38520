"""Plans as data: what each version of each plan includes and costs.

``plans.json`` holds the newest versions, or the file that ``TREADLE_PLANS`` names. Versions that
somebody subscribed to stay in the database: a price change is a new version, and who has the old
one keeps it.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from layers.errors import SetupError

FREE = "free"
SELF_HOSTED = "self_hosted"

Interval = Literal["month", "year"]
AtLimit = Literal["refuse", "queue", "overage"]
TaxBehavior = Literal["exclusive", "inclusive"]


class Strict(BaseModel):
    """What is not declared is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(Strict):
    """How much is included; null for without limit.

    Executions, tokens and calls are per month of usage; ``minimum_poll_seconds`` is how often at
    most a trigger looks, ``timeout_seconds`` how long a workflow and a Python step may take.
    """

    executions: int | None
    ai_tokens: int | None
    api_calls: int | None
    storage_bytes: int | None
    active_workflows: int | None
    members: int | None
    retention_days: int | None
    sandbox_memory_mb: int | None
    timeout_seconds: int | None
    minimum_poll_seconds: int | None


class Features(Strict):
    """What is switched on."""

    audit_log_export: bool
    package_policy: bool
    marketplace_publishing: bool
    error_workflows: bool
    priority_support: bool


class Plan(Strict):
    """One version of a plan."""

    plan: str = Field(pattern=r"^[a-z][a-z_]{0,30}$")
    number: int = Field(ge=1)
    name: str
    summary: str
    prices: dict[Interval, dict[str, int]]
    """Per seat, by interval and currency, in the currency's minor unit."""
    trial_days: int = Field(ge=0, le=730)
    limits: Limits
    features: Features
    tax_behavior: dict[str, TaxBehavior] = Field(default_factory=dict)
    """By currency, whether tax is within the prices (``inclusive``); it comes on top where a
    currency is not named."""
    at_limit: dict[str, AtLimit]
    """By counted limit, what happens when it is reached, unless the workspace chose otherwise."""
    overage: dict[str, dict[str, Decimal]]
    """By counted limit and currency, what one more costs in minor units; monthly plans only."""

    @cached_property
    def included(self) -> tuple[dict[str, int | None], dict[str, bool]]:
        """Limits and features by name; not to be changed."""
        return self.limits.model_dump(), self.features.model_dump()

    @property
    def is_for_sale(self) -> bool:
        """Whether anybody can subscribe to it by himself."""
        return bool(self.prices)

    def has_tax_within(self, currency: str | None) -> bool:
        """Whether tax is within the prices of a currency; else it comes on top."""
        return self.tax_behavior.get(currency or "") == "inclusive"


OPEN = Plan(
    plan=SELF_HOSTED,
    number=1,
    name="Self-hosted",
    summary="Your own instance, with everything open.",
    prices={},
    trial_days=0,
    limits=Limits(**dict.fromkeys(Limits.model_fields)),
    features=Features(**dict.fromkeys(Features.model_fields, True)),
    at_limit={},
    overage={},
)
"""What holds where nobody has to pay: every feature, no limit."""

_PLANS = TypeAdapter(list[Plan])


@cache
def plans_in(path: Path) -> tuple[Plan, ...]:
    """The plans of a file, the cheapest first; raises SetupError that names what is wrong."""
    try:
        plans = tuple(_PLANS.validate_json(path.read_bytes()))
    except OSError as error:
        raise SetupError(f"TREADLE_PLANS: {path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(one) for one in first["loc"])
        raise SetupError(f"TREADLE_PLANS: {path}: {place}: {first['msg']}.") from error
    names = [one.plan for one in plans]
    if FREE not in names or len(set(names)) < len(names):
        raise SetupError(f"TREADLE_PLANS: {path} must have each plan once, and one named 'free'.")
    return plans


@cache
def read_plan(data: str) -> Plan:
    """A version of a plan as the database keeps it."""
    return Plan.model_validate_json(data)

"""The names of all variables of ours, so that a misspelt one is not ignored without a word."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches

from layers.settings.seller import FIELDS, PREFIX

OURS = "TREADLE_"
OF_TESTS = ("TREADLE_TEST_", "TREADLE_SIMULATION_", "TREADLE_SCREENS")

INTERNAL = frozenset(
    {
        "TREADLE_FAILPOINT",
        "TREADLE_FUNCTION",
        "TREADLE_GATEWAY",
        "TREADLE_LEASE_SECONDS",
        "TREADLE_PROCESS_NAME",
        "TREADLE_PYTHON",
    }
)
"""What the supervisor, the set-up and tests say to processes that they start."""

SETTINGS = frozenset(
    {
        "TREADLE_ALLOWED_HOSTS",
        "TREADLE_ALLOW_PRIVATE_NETWORK",
        "TREADLE_ARTIFACTS_URL",
        "TREADLE_BILLING",
        "TREADLE_CURRENCY",
        "TREADLE_DATA",
        "TREADLE_DATABASE_URL",
        "TREADLE_HOOKS_PORT",
        "TREADLE_HOOKS_URL",
        "TREADLE_HOST",
        "TREADLE_LLM_API_BASE",
        "TREADLE_LLM_API_KEY",
        "TREADLE_LLM_PRICES",
        "TREADLE_MAIL_FROM",
        "TREADLE_MAX_BODY_BYTES",
        "TREADLE_MAX_CONNECTIONS_PER_ADDRESS",
        "TREADLE_MAX_UPLOAD_BYTES",
        "TREADLE_PACKAGES_ALLOW",
        "TREADLE_PACKAGES_DENY",
        "TREADLE_PACKAGES_FLOORS",
        "TREADLE_PACKAGES_SOURCE_BUILDS",
        "TREADLE_PACKAGE_INDEX",
        "TREADLE_PLANS",
        "TREADLE_PORT",
        "TREADLE_PROCESS_CONCURRENCY",
        "TREADLE_PROMOTION_CODES",
        "TREADLE_PUBLIC_URL",
        "TREADLE_QUEUE_URL",
        "TREADLE_RUNNER_TOKEN",
        "TREADLE_RUNNER_URL",
        "TREADLE_RUNSC",
        "TREADLE_S3_ADDRESS",
        "TREADLE_S3_BUCKET",
        "TREADLE_S3_KEY",
        "TREADLE_S3_SECRET",
        "TREADLE_S3_SECURE",
        "TREADLE_SANDBOX_IDLE_SECONDS",
        "TREADLE_SANDBOX_LAYERS_MB",
        "TREADLE_SANDBOX_MAX",
        "TREADLE_SANDBOX_MEMORY_MB",
        "TREADLE_SANDBOX_PLATFORM",
        "TREADLE_SANDBOX_POOL",
        "TREADLE_SANDBOX_ROOTFS",
        "TREADLE_SANDBOX_SINGLE_USE",
        "TREADLE_SANDBOX_UV",
        "TREADLE_SECRET_KEYS",
        "TREADLE_SELLER",
        "TREADLE_SIGNUP",
        "TREADLE_SIGNUPS",
        "TREADLE_SIGNUPS_PER_ADDRESS",
        "TREADLE_SMTP_URL",
        "TREADLE_TAX",
        "TREADLE_TAX_RATES",
        "TREADLE_WEB_DIST",
        "TREADLE_WORKSPACE_CONCURRENCY",
        *(f"{PREFIX}{field}" for field in FIELDS.values()),
    }
)
"""What whoever runs an instance may set; README.md says what each means."""


def unknown_settings(environment: Mapping[str, str] | None = None) -> list[str]:
    """A sentence for each variable that looks like ours and is read by nobody."""
    env = os.environ if environment is None else environment
    known = SETTINGS | INTERNAL
    return [
        _warning(name)
        for name in sorted(env)
        if name.startswith(OURS) and name not in known and not name.startswith(OF_TESTS)
    ]


def _warning(name: str) -> str:
    nearest = get_close_matches(name, sorted(SETTINGS), n=1, cutoff=0.8)
    meant = f"did you mean {nearest[0]}?" if nearest else "README.md lists those there are."
    return f"warning: {name} is set, but there is no such setting: {meant}"
